/** The types that PostgreSQL itself has, but for those made of others: how each is written and read. */
import type { DbValue } from "../generated/golem-rdbms/postgres.ts";
import { formatRange, parseRange } from "./postgres-literals.ts";
import * as scalars from "./scalars.ts";
import * as temporal from "./temporal.ts";

export type MadeTag = "enumeration" | "composite" | "domain" | "array" | "range" | "null";
export type Scalar = Exclude<DbValue, { readonly tag: MadeTag }>;
export type ScalarTag = Scalar["tag"];
type Payload<T extends ScalarTag> = Extract<Scalar, { readonly tag: T }>["val"];

export interface Conversion<T> {
  readonly decode: (text: string) => T;
  readonly encode: (value: T) => string;
  /** As the catalogue calls it, where that isn't the name of the case. */
  readonly type?: string;
}

const integer: Conversion<number> = { decode: Number, encode: String };
const float: Conversion<number> = { decode: Number, encode: scalars.floatText };
const text: Conversion<string> = { decode: (value) => value, encode: (value) => value };
const bits: Conversion<readonly boolean[]> = { decode: scalars.bitsOf, encode: scalars.bitText };
const address: Conversion<Payload<"inet">> = { decode: scalars.parseIp, encode: scalars.formatIp };
const long: Conversion<bigint> = { decode: BigInt, encode: String };
const timestamp: Conversion<Payload<"timestamp">> = {
  decode: temporal.parseTimestamp,
  encode: temporal.formatTimestamp,
};
const timestamptz: Conversion<Payload<"timestamptz">> = {
  decode: temporal.parseTimestamptz,
  encode: temporal.formatTimestamptz,
};
const date: Conversion<Payload<"date">> = { decode: temporal.parseDate, encode: temporal.formatDate };

type Bound<T> =
  | { readonly tag: "included"; readonly val: T }
  | { readonly tag: "excluded"; readonly val: T }
  | { readonly tag: "unbounded"; readonly val?: undefined };

interface Range<T> {
  readonly start: Bound<T>;
  readonly end: Bound<T>;
}

/** An empty range has no bounds: it is told as one that excludes its only value, which is the same set. */
function range<T>(element: Conversion<T>, any: string): Conversion<Range<T>> {
  const decodeBound = (included: boolean, written: string | undefined): Bound<T> => {
    if (written === undefined) return { tag: "unbounded" };
    return { tag: included ? "included" : "excluded", val: element.decode(written) };
  };
  const encodeBound = (bound: Bound<T>): { readonly included: boolean; readonly text: string | undefined } => ({
    included: bound.tag === "included",
    text: bound.tag === "unbounded" ? undefined : element.encode(bound.val),
  });
  return {
    decode: (written) => {
      const { empty, start, end } = parseRange(written);
      if (empty) return { start: decodeBound(false, any), end: decodeBound(false, any) };
      return { start: decodeBound(start.included, start.text), end: decodeBound(end.included, end.text) };
    },
    encode: ({ start, end }) => formatRange({ start: encodeBound(start), end: encodeBound(end) }),
  };
}

export const conversions: { readonly [T in ScalarTag]: Conversion<Payload<T>> } = {
  character: { decode: scalars.parseChar, encode: scalars.formatChar, type: "char" },
  int2: integer,
  int4: integer,
  int8: long,
  float4: float,
  float8: float,
  numeric: text,
  boolean: { decode: (value) => value === "t", encode: String, type: "bool" },
  text,
  varchar: text,
  bpchar: text,
  timestamp,
  timestamptz,
  date,
  time: { decode: temporal.parseTime, encode: temporal.formatTime },
  timetz: { decode: temporal.parseTimetz, encode: temporal.formatTimetz },
  interval: { decode: scalars.parseInterval, encode: scalars.formatInterval },
  bytea: { decode: scalars.parseBytea, encode: scalars.formatBytea },
  json: text,
  jsonb: text,
  jsonpath: text,
  xml: text,
  uuid: { decode: scalars.parseUuid, encode: scalars.formatUuid },
  inet: address,
  cidr: address,
  macaddr: { decode: scalars.parseMac, encode: scalars.formatMac },
  bit: bits,
  varbit: bits,
  int4range: range(integer, "0"),
  int8range: range(long, "0"),
  numrange: range(text, "0"),
  tsrange: range(timestamp, "2000-01-01 00:00:00"),
  tstzrange: range(timestamptz, "2000-01-01 00:00:00+00"),
  daterange: range(date, "2000-01-01"),
  money: { decode: scalars.parseMoney, encode: scalars.formatMoney },
  oid: integer,
};

const tagsByType: ReadonlyMap<string, ScalarTag> = new Map(
  Object.entries(conversions).map(([tag, { type }]) => [type ?? tag, tag as ScalarTag]),
);

/** The case for a type of the catalogue; those that WIT doesn't know are given as text. */
export function tagOfType(type: string): ScalarTag {
  return tagsByType.get(type) ?? "text";
}

export function typeOfTag(tag: ScalarTag): string {
  return conversions[tag].type ?? tag;
}

export function decodeScalar(tag: ScalarTag, written: string): Scalar {
  return { tag, val: conversions[tag].decode(written) } as Scalar;
}

export function encodeScalar(value: Scalar): string {
  return (conversions[value.tag] as Conversion<unknown>).encode(value.val);
}
