import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Value, ValueType } from "@emet/component";
import * as fc from "fast-check";
import { anyType, valueOf } from "../../../../component/src/canonical/random-values.ts";
import { ByteReader, DecodeError } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { lateOption, record, u32 } from "./schema.ts";
import { decodeValue, encodeValue } from "./value-codec.ts";

const typeAndValue = anyType.chain((type) => valueOf(type).map((value) => ({ type, value })));

/** Text that isn't well-formed Unicode has no UTF-8 form; guests can't make it. */
function wellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (Array.isArray(value)) return value.every(wellFormed);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return true;
  return Object.values(value).every(wellFormed);
}

/** Decodes what may be damaged: anything but `DecodeError` fails the test. */
function decodesOrRefuses(type: ValueType, bytes: Uint8Array): void {
  try {
    decodeValue(type, bytes);
  } catch (error) {
    assert.ok(error instanceof DecodeError, String(error));
  }
}

/** `val` may be left out of cases without payload. */
function plain(value: unknown): unknown {
  return JSON.stringify(value, replacer);
}

function replacer(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return "-0";
  return ArrayBuffer.isView(value)
    ? [value.constructor.name, ...(value as Uint8Array)].map((item) => replacer("", item))
    : value;
}

describe("encodeValue() and decodeValue()", () => {
  it("give back any value of any type", () => {
    fc.assert(
      fc.property(typeAndValue, ({ type, value }) => {
        fc.pre(wellFormed(value));
        assert.equal(plain(decodeValue(type, encodeValue(type, value))), plain(value));
      }),
      { numRuns: 300 },
    );
  });

  it("give a value or DecodeError for damaged bytes", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(typeAndValue, damage, ({ type, value }, changes) => {
        const bytes = encodeValue(type, value);
        for (const [position, byte] of changes) bytes[position % Math.max(bytes.length, 1)] = byte;
        decodesOrRefuses(type, bytes);
      }),
      { numRuns: 300 },
    );
  });

  it("give a value or DecodeError for any bytes", () => {
    fc.assert(
      fc.property(anyType, fc.uint8Array({ maxLength: 40 }), (type, bytes) => {
        decodesOrRefuses(type, bytes);
      }),
      { numRuns: 300 },
    );
  });

  it("refuse bytes that are cut short or left over", () => {
    fc.assert(
      fc.property(typeAndValue, ({ type, value }) => {
        const bytes = encodeValue(type, value);
        fc.pre(bytes.length > 0);
        assert.throws(() => decodeValue(type, bytes.subarray(0, -1)), DecodeError);
        assert.throws(() => decodeValue(type, new Uint8Array([...bytes, 0])), DecodeError);
      }),
    );
  });

  it("read a late option as absent where a record ends before it", () => {
    const early = record({ first: u32 }).type;
    const late = record({ first: u32, second: lateOption(u32) }).type;
    assert.deepEqual(decodeValue(late, encodeValue(early, { first: 7 })), { first: 7, second: undefined });
    for (const value of [
      { first: 7, second: 8 },
      { first: 7, second: undefined },
    ]) {
      assert.deepEqual(decodeValue(late, encodeValue(late, value)), value);
    }
    assert.throws(() => decodeValue(late, Uint8Array.of(7, 1)), DecodeError);
  });

  it("refuse counts beyond the data without taking memory for them", () => {
    const count = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f);
    for (const element of [{ kind: "u8" }, { kind: "string" }, { kind: "f64" }] as const) {
      assert.throws(() => decodeValue({ kind: "list", element }, count), DecodeError);
    }
  });

  it("copy byte lists out of the record", () => {
    const type: ValueType = { kind: "list", element: { kind: "u8" } };
    const bytes = encodeValue<Value>(type, Uint8Array.of(1, 2));
    const decoded = decodeValue<Uint8Array>(type, bytes);
    bytes.fill(9);
    assert.deepEqual(decoded, Uint8Array.of(1, 2));
  });
});

describe("ByteWriter and ByteReader", () => {
  it("give back varints and zigzags", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer(), fc.string({ maxLength: 100 }), (large, small, text) => {
        const writer = new ByteWriter(1);
        writer.varint(large);
        writer.zigzag(small);
        writer.string(text.toWellFormed());
        const reader = new ByteReader(writer.take());
        assert.equal(reader.varint(), large);
        assert.equal(reader.zigzag(), small);
        assert.equal(reader.string(), text.toWellFormed());
        reader.expectEnd();
      }),
    );
  });

  it("refuse varints beyond 2^53", () => {
    assert.throws(() => new ByteReader(new Uint8Array(9).fill(0xff)).varint(), DecodeError);
    assert.throws(() => new ByteReader(Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 0x7f)).varint(), DecodeError);
  });
});
