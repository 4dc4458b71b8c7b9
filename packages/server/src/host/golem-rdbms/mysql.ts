/** golem:rdbms/mysql (spec/host-interfaces.md §22), for MySQL and MariaDB. */
import type { Cell } from "../../platform/databases/database.ts";
import { nullCell, textCell } from "../../platform/databases/database.ts";
import type { DbColumn, DbColumnType, DbValue, GolemRdbmsMysql } from "../generated/golem-rdbms/mysql.ts";
import type { HostInterface } from "../interface.ts";
import { resource } from "../interface.ts";
import { bitsOf, bitText, floatText } from "./scalars.ts";
import { commonFunctions, recordsOf } from "./functions.ts";
import type { Values } from "./functions.ts";
import { rdbmsRecords } from "./records.ts";
import { formatDate, formatTime, formatTimestamp, parseDate, parseTime, parseTimestamp } from "./temporal.ts";

type Present = Exclude<DbValue, { readonly tag: "null" }>;
type Tag = Present["tag"];
type Payload<T extends Tag> = Extract<Present, { readonly tag: T }>["val"];

interface Conversion<T> {
  readonly decode: (text: string, cell: Cell) => T;
  readonly encode: (value: T) => string | Uint8Array;
  /** As SQL calls it; otherwise it's the name of the case. */
  readonly name?: string;
}

const integer: Conversion<number> = { decode: Number, encode: String };
const long: Conversion<bigint> = { decode: BigInt, encode: String };
const float: Conversion<number> = { decode: Number, encode: floatText };
const text: Conversion<string> = { decode: (value) => value, encode: (value) => value };
const blob: Conversion<Uint8Array> = {
  decode: (value, cell) => (cell.tag === "bytes" ? cell.val : Buffer.from(value)),
  encode: (value) => value,
};
const timestamp: Conversion<Payload<"timestamp">> = { decode: parseTimestamp, encode: formatTimestamp };

const conversions: { readonly [T in Tag]: Conversion<Payload<T>> } = {
  boolean: { decode: (value) => value !== "0", encode: (value) => (value ? "1" : "0") },
  tinyint: integer,
  smallint: integer,
  mediumint: integer,
  int: integer,
  bigint: long,
  "tinyint-unsigned": integer,
  "smallint-unsigned": integer,
  "mediumint-unsigned": integer,
  "int-unsigned": integer,
  "bigint-unsigned": long,
  float,
  double: float,
  decimal: text,
  date: { decode: parseDate, encode: formatDate },
  datetime: timestamp,
  timestamp,
  time: { decode: parseTime, encode: formatTime },
  year: integer,
  fixchar: { ...text, name: "CHAR" },
  varchar: text,
  tinytext: text,
  text,
  mediumtext: text,
  longtext: text,
  binary: blob,
  varbinary: blob,
  tinyblob: blob,
  blob,
  mediumblob: blob,
  longblob: blob,
  enumeration: { ...text, name: "ENUM" },
  set: text,
  bit: { decode: bitsOf, encode: bitText },
  json: text,
};

function isTag(name: string): name is Tag {
  return Object.hasOwn(conversions, name);
}

function decode(tag: Tag, cell: Cell): DbValue {
  if (cell.tag === "null") return { tag: "null" };
  const written = cell.tag === "text" ? cell.val : Buffer.from(cell.val).toString("utf8");
  return { tag, val: conversions[tag].decode(written, cell) } as DbValue;
}

function cellOf(value: Present): Cell {
  const encoded = (conversions[value.tag] as Conversion<unknown>).encode(value.val);
  return typeof encoded === "string" ? textCell(encoded) : { tag: "bytes", val: encoded };
}

const values: Values<DbValue, DbColumn> = {
  parameter: (value) =>
    value.tag === "null" ? { type: "", value: nullCell } : { type: value.tag, value: cellOf(value) },
  columns: ({ columns, types }) =>
    columns.map(({ name, type }, index) => {
      const tag = types[type]?.name ?? "";
      const known = isTag(tag) ? tag : "varchar";
      return {
        ordinal: BigInt(index),
        name,
        dbType: { tag: known } as DbColumnType,
        dbTypeName: conversions[known].name ?? known.toUpperCase().replace("-", " "),
      };
    }),
  rows: ({ columns, types }, rows) => {
    const tags = columns.map(({ type }) => types[type]?.name ?? "").map((name) => (isTag(name) ? name : "varchar"));
    return rows.map((row) => ({ values: row.map((cell, index) => decode(tags[index] ?? "varchar", cell)) }));
  },
};

const records = rdbmsRecords("mysql");

export const mysql: HostInterface<GolemRdbmsMysql> = {
  name: "golem:rdbms/mysql@0.0.1",
  durable: recordsOf(records),
  bind: (context) => {
    const drop = resource((representation) => context.resources.remove(representation));
    return {
      functions: commonFunctions(context, "mysql", records, values),
      resources: { "db-connection": drop, "db-result-stream": drop, "db-transaction": drop },
    };
  },
};
