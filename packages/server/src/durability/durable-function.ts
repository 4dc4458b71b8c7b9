/** The declaration of a recorded host function: all that the durable call, the oplog and its public view need to know. */
import type { ByteReader } from "./codec/byte-reader.ts";
import type { Schema } from "./codec/schema.ts";
import type { ValueCodec } from "./codec/value-codec.ts";
import { valueCodec } from "./codec/value-codec.ts";

/** spec/host-interfaces.md §4.3; the position is the number in the record. */
export const functionClasses = [
  "local-read",
  "local-write",
  "remote-read",
  "remote-write",
  "batched-remote-write",
] as const;

export type FunctionClass = (typeof functionClasses)[number];

/** `Request` and `Response` are what the record keeps; they need not be the guest function's own types. */
export interface DurableFunction<Request, Response> {
  /** The recorded name (spec/host-interfaces.md §4.10). */
  readonly name: string;
  /** FNV-1a of the name: what records hold instead of it. */
  readonly id: number;
  readonly class: FunctionClass;
  readonly request: Schema<Request>;
  readonly response: Schema<Response>;
  readonly requestCodec: ValueCodec<Request>;
  readonly responseCodec: ValueCodec<Response>;
}

export interface DurableFunctionDeclaration<Request, Response> {
  readonly name: string;
  readonly class: FunctionClass;
  readonly request: Schema<Request>;
  readonly response: Schema<Response>;
}

/** All declared functions, by id. */
const declared = new Map<number, AnyDurableFunction>();

export function declaredFunctions(): ReadonlyMap<number, AnyDurableFunction> {
  return declared;
}

/** Throws for a name whose id another one has already: records could not tell them apart. */
export function durableFunction<Request, Response>(
  declaration: DurableFunctionDeclaration<Request, Response>,
): DurableFunction<Request, Response> {
  const { name } = declaration;
  const id = functionId(name);
  const other = declared.get(id)?.name ?? name;
  if (other !== name) throw new Error(`"${name}" and "${other}" have the same function id`);
  const made: DurableFunction<Request, Response> = {
    ...declaration,
    id,
    requestCodec: valueCodec(declaration.request.type),
    responseCodec: valueCodec(declaration.response.type),
  };
  declared.set(id, made);
  return made;
}

/** 0 is kept for functions that are named in the record itself. */
export function functionId(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0 || 1;
}

/** The name of the function with this id, for messages. */
export function functionName(id: number): string {
  return declared.get(id)?.name ?? `an unknown function (${id})`;
}

/** Any recorded function, when only its description matters. */
export interface AnyDurableFunction {
  readonly name: string;
  readonly id: number;
  readonly class: FunctionClass;
  readonly request: Schema<unknown>;
  readonly response: Schema<unknown>;
  readonly requestCodec: { readonly decode: (reader: ByteReader) => unknown };
  readonly responseCodec: { readonly decode: (reader: ByteReader) => unknown };
}
