/** What a column of MySQL or MariaDB is called, told from its description in the protocol; and how values are sent. */
import mysql from "mysql2";
import type { Cell, StatementParameter } from "./database.ts";

export interface MysqlField {
  readonly columnType: number;
  readonly flags: number;
  readonly characterSet: number;
  readonly columnLength: number;
  readonly extendedFormat?: string | undefined;
}

export type MysqlColumn = MysqlField & { readonly name: string };

const unsignedFlag = 0x20;
const enumFlag = 0x100;
const setFlag = 0x800;
const binaryCharacterSet = 63;

/** The same in every length: `…-unsigned` where that is said. */
const integers: { readonly [columnType: number]: string } = {
  1: "tinyint",
  2: "smallint",
  3: "int",
  8: "bigint",
  9: "mediumint",
};

const others: { readonly [columnType: number]: string } = {
  0: "decimal",
  4: "float",
  5: "double",
  7: "timestamp",
  10: "date",
  11: "time",
  12: "datetime",
  13: "year",
  14: "date",
  16: "bit",
  245: "json",
  246: "decimal",
  247: "enumeration",
  248: "set",
};

/** Most bytes of a value by the length of its length; four times as many where characters are converted. */
const lengths: readonly (readonly [bytes: number, prefix: string])[] = [
  [255, "tiny"],
  [65_535, ""],
  [16_777_215, "medium"],
];

function longType({ characterSet, columnLength }: MysqlField): string {
  const binary = characterSet === binaryCharacterSet;
  const bytesPerUnit = binary ? 1 : 4;
  const [, prefix = "long"] = lengths.find(([bytes]) => columnLength <= bytes * bytesPerUnit) ?? [];
  return `${prefix}${binary ? "blob" : "text"}`;
}

/** The name that db-column-type has for it. */
export function columnTypeName(field: MysqlField): string {
  const { columnType, flags, characterSet, columnLength } = field;
  const unsigned = (flags & unsignedFlag) !== 0;
  if (columnType === 1 && columnLength === 1 && !unsigned) return "boolean";
  const integer = integers[columnType];
  if (integer !== undefined) return unsigned ? `${integer}-unsigned` : integer;
  if ((flags & enumFlag) !== 0) return "enumeration";
  if ((flags & setFlag) !== 0) return "set";
  if (field.extendedFormat === "json") return "json";
  const other = others[columnType];
  if (other !== undefined) return other;
  if (columnType >= 249 && columnType <= 252) return longType(field);
  const binary = characterSet === binaryCharacterSet;
  if (columnType === 254) return binary ? "binary" : "fixchar";
  return binary ? "varbinary" : "varchar";
}

function bitText(bytes: Uint8Array, length: number): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return bits.slice(-length).padStart(length, "0");
}

/** A value as the package gives it. */
export function cellOf(value: unknown, field: MysqlField): Cell {
  if (value === null || value === undefined) return { tag: "null", val: undefined };
  if (value instanceof Uint8Array) {
    if (field.columnType === 16) return { tag: "text", val: bitText(value, field.columnLength) };
    if (field.columnType === 254 && (field.flags & (enumFlag | setFlag)) !== 0) {
      return { tag: "text", val: Buffer.from(value).toString("utf8") };
    }
    return { tag: "bytes", val: Uint8Array.from(value) };
  }
  return { tag: "text", val: typeof value === "object" ? JSON.stringify(value) : `${value as string | number}` };
}

const { TypedParameter } = mysql;

type Bound = ReturnType<typeof TypedParameter.TINY> | string | number | Buffer | null;

const bindings: { readonly [type: string]: (text: string) => Bound } = {
  boolean: (text) => TypedParameter.TINY(text),
  tinyint: (text) => TypedParameter.TINY(text),
  smallint: (text) => TypedParameter.SHORT(text),
  mediumint: (text) => TypedParameter.LONG(text),
  int: (text) => TypedParameter.LONG(text),
  bigint: (text) => TypedParameter.LONGLONG(text),
  "tinyint-unsigned": (text) => TypedParameter.TINY.unsigned(text),
  "smallint-unsigned": (text) => TypedParameter.SHORT.unsigned(text),
  "mediumint-unsigned": (text) => TypedParameter.LONG.unsigned(text),
  "int-unsigned": (text) => TypedParameter.LONG.unsigned(text),
  "bigint-unsigned": (text) => TypedParameter.LONGLONG.unsigned(text),
  float: (text) => TypedParameter.FLOAT(Number(text)),
  double: Number,
  year: (text) => TypedParameter.SHORT.unsigned(text),
  bit: (text) => TypedParameter.LONGLONG.unsigned(BigInt(text === "" ? 0 : `0b${text}`)),
};

/** A value as the package takes it. What has no type of its own here is sent as a text, which the database converts. */
export function boundParameter({ type, value }: StatementParameter): Bound {
  if (value.tag === "null") return null;
  if (value.tag === "bytes") return Buffer.from(value.val);
  return bindings[type]?.(value.val) ?? value.val;
}
