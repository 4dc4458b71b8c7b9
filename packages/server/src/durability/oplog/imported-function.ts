/**
 * Records of host calls, the most frequent kind, have a layout of their own, written without building objects:
 *
 *   u32 function id | (id 0: string name) | u8 class | (batched: varint begin index) | request | response
 *
 * Request and response follow the function's declaration. Functions that a guest declares itself have id 0, a name,
 * and byte strings for both.
 */
import type { ByteReader } from "../codec/byte-reader.ts";
import { DecodeError } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import type { AnyDurableFunction, DurableFunction, FunctionClass } from "../durable-function.ts";
import { functionClasses } from "../durable-function.ts";

const classNumbers: { readonly [C in FunctionClass]: number } = {
  "local-read": 0,
  "local-write": 1,
  "remote-read": 2,
  "remote-write": 3,
  "batched-remote-write": 4,
};

const batchedNumber = classNumbers["batched-remote-write"];

export interface ImportedCall<Request, Response> {
  readonly function: DurableFunction<Request, Response>;
  readonly request: Request;
  readonly response: Response;
  /** For batched writes: where the batch began. */
  readonly beginIndex: number;
}

export function writeImportedCall<Request, Response>(writer: ByteWriter, call: ImportedCall<Request, Response>): void {
  const { function: declaration } = call;
  const classNumber = classNumbers[declaration.class];
  writer.u32(declaration.id);
  writer.u8(classNumber);
  if (classNumber === batchedNumber) writer.varint(call.beginIndex);
  declaration.requestCodec.encode(writer, call.request);
  declaration.responseCodec.encode(writer, call.response);
}

/** A call that a guest records for itself. */
export interface CustomCall {
  readonly name: string;
  readonly class: FunctionClass;
  /** For batched writes: where the batch began. */
  readonly beginIndex: number;
  readonly request: Uint8Array;
  readonly response: Uint8Array;
}

export function writeCustomCall(writer: ByteWriter, call: CustomCall): void {
  const classNumber = classNumbers[call.class];
  writer.u32(0);
  writer.string(call.name);
  writer.u8(classNumber);
  if (classNumber === batchedNumber) writer.varint(call.beginIndex);
  writer.blob(call.request);
  writer.blob(call.response);
}

/** Undefined when `reader` stands at a record that the host made. */
export function readCustomCall(reader: ByteReader): CustomCall | undefined {
  if (reader.u32() !== 0) return undefined;
  const name = reader.string();
  const functionClass = functionClasses[reader.u8()];
  if (functionClass === undefined) throw new DecodeError("cannot read a host call: unknown function class");
  const beginIndex = functionClass === "batched-remote-write" ? reader.varint() : 0;
  return { name, class: functionClass, beginIndex, request: reader.blob(), response: reader.blob() };
}

/** Reads the response of a record that is known to be of `declaration`; `reader` stands behind the function id. */
export function readImportedResponse<Request, Response>(
  reader: ByteReader,
  declaration: DurableFunction<Request, Response>,
): Response {
  if (reader.u8() === batchedNumber) reader.varint();
  declaration.requestCodec.decode(reader);
  return declaration.responseCodec.decode(reader);
}

/** A decoded record for the views of the oplog. */
export interface ImportedFunctionInvoked {
  readonly functionName: string;
  readonly functionClass: FunctionClass;
  readonly beginIndex: number | undefined;
  readonly declaration: AnyDurableFunction | undefined;
  readonly request: unknown;
  readonly response: unknown;
}

/** `declarations` maps function ids to declarations (`host/registry.ts` has all of them). */
export function readImportedCall(
  reader: ByteReader,
  declarations: ReadonlyMap<number, AnyDurableFunction>,
): ImportedFunctionInvoked {
  const id = reader.u32();
  const customName = id === 0 ? reader.string() : undefined;
  const functionClass = functionClasses[reader.u8()];
  if (functionClass === undefined) throw new DecodeError("cannot read a host call: unknown function class");
  const beginIndex = functionClass === "batched-remote-write" ? reader.varint() : undefined;
  if (customName !== undefined) {
    const [request, response] = [reader.blob(), reader.blob()];
    return { functionName: customName, functionClass, beginIndex, declaration: undefined, request, response };
  }
  const declaration = declarations.get(id);
  if (declaration === undefined) throw new DecodeError(`cannot read a host call: unknown function id ${id}`);
  const request: unknown = declaration.requestCodec.decode(reader);
  const response = declaration.responseCodec.decode(reader);
  return { functionName: declaration.name, functionClass, beginIndex, declaration, request, response };
}
