/** Entries as people and guests read them: with their values, and these with their types. */
import type { Field, Value, ValueType } from "@emet/component";
import { ByteReader } from "../codec/byte-reader.ts";
import { decodeValue, valueCodec } from "../codec/value-codec.ts";
import type { FunctionClass } from "../durable-function.ts";
import { declaredFunctions } from "../durable-function.ts";
import { entryKind } from "./decode-entry.ts";
import { entryTypes } from "./entry-types.ts";
import type { EntryFields, EntryKind, OplogEntry, TraceParent } from "./entry-types.ts";
import { readImportedCall } from "./imported-function.ts";
import type { StoredEntry } from "./stored-entry.ts";

export interface TypedValue {
  readonly type: ValueType;
  readonly value: Value;
}

export interface NamedValue extends TypedValue {
  readonly name: string;
}

interface ShownCall {
  readonly functionName: string;
  readonly idempotencyKey: string;
  /** Undefined when the function is unknown to the version that the entry is of. */
  readonly request: readonly NamedValue[] | undefined;
  readonly trace?: TraceParent | undefined;
}

type Shown =
  | {
      readonly kind: "imported-function-invoked";
      readonly functionName: string;
      readonly functionClass: FunctionClass;
      readonly beginIndex: number | undefined;
      readonly request: TypedValue;
      readonly response: TypedValue;
    }
  | ({ readonly kind: "exported-function-invoked" } & ShownCall)
  | {
      readonly kind: "exported-function-completed";
      /** The tuple of results. */
      readonly response: TypedValue | undefined;
      readonly consumedFuel: number;
    }
  | {
      readonly kind: "pending-worker-invocation";
      readonly invocation: ShownCall | { readonly targetVersion: number };
    }
  | {
      [K in Exclude<EntryKind, CallKind>]: { readonly kind: K; readonly fields: EntryFields<K> };
    }[Exclude<EntryKind, CallKind>];

type CallKind =
  | "imported-function-invoked"
  | "exported-function-invoked"
  | "exported-function-completed"
  | "pending-worker-invocation";

export type ShownEntry = Shown & { readonly index: number; readonly timestampMs: number };

export interface Signature {
  readonly parameters: readonly Field[];
  /** The tuple of results. */
  readonly results: ValueType;
}

/** The types of an exported function; undefined when the version has no such function. */
export type Signatures = (version: number, functionName: string) => Promise<Signature | undefined>;

const bytesType: ValueType = { kind: "list", element: { kind: "u8" } };

function fieldsOf<K extends EntryKind>(kind: K, { payload }: StoredEntry): EntryFields<K> {
  return valueCodec<EntryFields<K>>(entryTypes[kind].fields.type).decode(new ByteReader(payload));
}

async function shownCall(
  version: number,
  call: Omit<ShownCall, "request"> & { readonly request: Uint8Array },
  signatures: Signatures,
): Promise<ShownCall> {
  const { functionName, idempotencyKey, trace } = call;
  const signature = await signatures(version, functionName);
  if (signature === undefined) return { functionName, idempotencyKey, trace, request: undefined };
  const { parameters } = signature;
  const tuple: ValueType = { kind: "tuple", items: parameters.map(({ type }) => type) };
  const values = decodeValue<Value>(tuple, call.request) as readonly Value[];
  const request = parameters.map(({ name, type }, index) => ({ name, type, value: values[index] }));
  return { functionName, idempotencyKey, trace, request };
}

function shownImport({ payload }: StoredEntry): Shown {
  const call = readImportedCall(new ByteReader(payload), declaredFunctions());
  const typed = (type: ValueType | undefined, value: unknown): TypedValue => ({
    type: type ?? bytesType,
    value: value as Value,
  });
  return {
    kind: "imported-function-invoked",
    functionName: call.functionName,
    functionClass: call.functionClass,
    beginIndex: call.beginIndex,
    request: typed(call.declaration?.request.type, call.request),
    response: typed(call.declaration?.response.type, call.response),
  };
}

export async function showEntry(entry: StoredEntry, signatures: Signatures): Promise<ShownEntry> {
  const { index, timestampMs } = entry;
  return { index, timestampMs, ...(await shown(entry, signatures)) };
}

async function shown(entry: StoredEntry, signatures: Signatures): Promise<Shown> {
  const kind = entryKind(entry.code);
  const { version } = entry;
  switch (kind) {
    case "imported-function-invoked":
      return shownImport(entry);
    case "exported-function-invoked":
      return { kind, ...(await shownCall(version, fieldsOf(kind, entry), signatures)) };
    case "exported-function-completed": {
      const { response, consumedFuel } = fieldsOf(kind, entry);
      const signature = await signatures(version, entry.functionName);
      if (signature === undefined) return { kind, response: undefined, consumedFuel };
      const value = decodeValue<Value>(signature.results, response);
      return { kind, response: { type: signature.results, value }, consumedFuel };
    }
    case "pending-worker-invocation": {
      const { invocation } = fieldsOf(kind, entry);
      if (invocation.tag === "manualUpdate") return { kind, invocation: invocation.val };
      return { kind, invocation: await shownCall(version, invocation.val, signatures) };
    }
    default:
      return { kind, fields: fieldsOf(kind, entry) } as Shown & OplogEntry;
  }
}
