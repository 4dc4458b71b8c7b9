/** Encoded values as JSON text and back, by functions generated for each type when it is met first. */
import type { ValueType } from "@emet/component";
import type { Json } from "@emet/contract";
import { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { emitJsonEncode } from "./emit-json-encode.ts";
import { emitJsonText } from "./emit-json-text.ts";
import { Scope } from "./emit.ts";
import { encodedBy } from "./value-codec.ts";

/** The URN of a handle. */
type Urn = (resourceId: number) => string;
/** The handle that a URN names. */
type Representation = (urn: string) => number | undefined;

type WriteText = (reader: ByteReader, urn: Urn) => string;
type EncodeJson = (writer: ByteWriter, json: Json, representation: Representation) => boolean;

function perType<T>(make: (type: ValueType) => T): (type: ValueType) => T {
  const made = new WeakMap<ValueType, T>();
  return (type) => {
    const known = made.get(type);
    if (known !== undefined) return known;
    const fresh = make(type);
    made.set(type, fresh);
    return fresh;
  };
}

const textWriter = perType((type): WriteText => {
  const scope = new Scope();
  const body = emitJsonText(type, scope);
  return scope.compile(["reader", "urn"], `let text = "";${body}return text;`) as WriteText;
});

const jsonEncoder = perType((type): EncodeJson => {
  const scope = new Scope();
  const body = emitJsonEncode(type, "json", scope);
  return scope.compile(["writer", "json", "representation"], `${body}return true;`) as EncodeJson;
});

/** Throws `DecodeError` when the bytes don't hold exactly one value of the type. */
export function encodedToJsonText(type: ValueType, bytes: Uint8Array, urn: Urn): string {
  const reader = new ByteReader(bytes);
  const text = textWriter(type)(reader, urn);
  reader.expectEnd();
  return text;
}

/** Undefined if `json`, as `parseJson` gives it, doesn't fit; or, rarely, though it does: `valueFromJson` is to say. */
export function encodeJson(
  type: ValueType,
  json: Json,
  representation: Representation,
): Uint8Array<ArrayBuffer> | undefined {
  return encodedBy((writer) => jsonEncoder(type)(writer, json, representation));
}
