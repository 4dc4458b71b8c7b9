import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Value, ValueType } from "@emet/component";
import { formatJson, parseJson, ValueJsonError, valueFromJson, valueToJson } from "@emet/contract";
import type { HandleReader, Json } from "@emet/contract";
import * as fc from "fast-check";
import { anyType, valueOf } from "../../../../component/src/canonical/random-values.ts";
import { DecodeError } from "./byte-reader.ts";
import { encodedToJsonText, encodeJson } from "./json-codec.ts";
import { encodeValue } from "./value-codec.ts";

const urn = (id: number): string => `urn:${id}`;
const representation = (text: string): number | undefined =>
  text.startsWith("urn:") ? Number(text.slice(4)) : undefined;
const handles: HandleReader = { representation };

const typeAndValue = anyType.chain((type) => valueOf(type).map((value) => ({ type, value })));

/** By way of values. */
function slowly(type: ValueType, json: Json): Uint8Array | undefined {
  try {
    return encodeValue<Value>(type, valueFromJson(type, json, handles, ""));
  } catch (error) {
    if (error instanceof ValueJsonError) return undefined;
    throw error;
  }
}

/** The fast way may leave to the slow one what it takes, and nothing else. */
function check(type: ValueType, json: Json): void {
  const encoded = encodeJson(type, json, representation);
  if (encoded !== undefined) assert.deepEqual(encoded, slowly(type, json));
}

/** JSON with one of its parts replaced. */
function changed(json: Json, at: number, by: Json): Json {
  let left = at;
  const visit = (part: Json): Json => {
    if (left-- === 0) return by;
    if (Array.isArray(part)) return (part as readonly Json[]).map(visit);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, member]) => [name, visit(member)]));
  };
  return visit(json);
}

describe("encodedToJsonText()", () => {
  it("gives the text that the value has by way of its JSON", () => {
    fc.assert(
      fc.property(typeAndValue, ({ type, value }) => {
        const encoded = encodeValue(type, value);
        const text = encodedToJsonText(type, encoded, urn);
        // What is not well-formed was replaced when it was encoded.
        const json = formatJson(valueToJson(type, value, { urn }));
        assert.deepEqual(Buffer.from(text), Buffer.from(JSON.parse(JSON.stringify(json)) as string));
      }),
      { numRuns: 500 },
    );
  });

  it("throws DecodeError for what is damaged, cut off or too long", () => {
    const type: ValueType = { kind: "list", element: { kind: "enum", cases: ["a", "b"] } };
    assert.equal(encodedToJsonText(type, new Uint8Array([2, 1, 0]), urn), '["b","a"]');
    for (const bytes of [
      [2, 1],
      [2, 1, 0, 0],
      [2, 1, 2],
      [255, 255, 255, 255, 15],
    ]) {
      assert.throws(() => encodedToJsonText(type, new Uint8Array(bytes), urn), DecodeError);
    }
  });
});

describe("encodeJson()", () => {
  it("takes every value that has a JSON form", () => {
    fc.assert(
      fc.property(typeAndValue, ({ type, value }) => {
        const text = formatJson(valueToJson(type, value, { urn }));
        const json = parseJson(text);
        const expected = slowly(type, json);
        // NaN and the infinities have none.
        fc.pre(expected !== undefined);
        assert.deepEqual(encodeJson(type, json, representation) ?? expected, expected);
        // A float with many digits is read as a bigint, and is left to the slow way.
        if (!/\d{17}/u.test(text)) assert.notEqual(encodeJson(type, json, representation), undefined);
      }),
      { numRuns: 500 },
    );
  });

  it("takes nothing that doesn't fit, and encodes what does as the slow way does", () => {
    const anyJson = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
      fc.constantFrom<Json>(
        -1,
        -0,
        0.5,
        256,
        2 ** 32,
        2 ** 53,
        2n ** 63n,
        2n ** 64n,
        -(2n ** 63n) - 1n,
        0xd800,
        "urn:1",
        null,
      ),
    );
    fc.assert(
      fc.property(typeAndValue, fc.nat(20), anyJson, ({ type, value }, at, by) => {
        check(type, by);
        check(type, changed(valueToJson(type, value, { urn }), at, by));
      }),
      { numRuns: 2000 },
    );
  });

  it("reads records by their own members, and absent options as none", () => {
    const type: ValueType = {
      kind: "record",
      fields: [
        { name: "some-name", type: { kind: "u8" } },
        { name: "to-string", type: { kind: "option", some: { kind: "string" } } },
      ],
    };
    assert.deepEqual(encodeJson(type, { "some-name": 7 }, representation), new Uint8Array([7, 0]));
    assert.equal(encodeJson(type, { "to-string": "x" }, representation), undefined);
    const inherited = Object.create({ "some-name": 7 }) as Json;
    assert.equal(encodeJson(type, inherited, representation), undefined);
  });
});
