/** Values of every type, with what SQL makes of them: for tests that send and read them. Parts as `rdbms.js` tells them. */

export interface ValueCase {
  /** The type in SQL. */
  readonly type: string;
  /** A value in SQL, of that type. */
  readonly literal: string;
  /** What the guest gets for it, and what it gives for the same. */
  readonly value: { readonly tag: string; readonly val?: unknown };
  /** The column's type, when its case is not that of the value. */
  readonly column?: unknown;
  readonly typeName?: string;
}

const date = { year: 2024, month: 2, day: 29 };
const time = { hour: 13, minute: 4, second: 5, nanosecond: 678_901_000 };
const timestamp = { date, time };
const midnight = { hour: 0, minute: 0, second: 0, nanosecond: 0 };
const big = (value: string): { readonly big: string } => ({ big: value });
const lazy = (value: unknown): { readonly lazy: unknown } => ({ lazy: value });
const bounds = (start: unknown, end: unknown): unknown => ({
  start: { tag: "included", val: start },
  end: { tag: "excluded", val: end },
});
const int4 = (val: number): unknown => ({ tag: "int4", val });

/** Made before the tests. */
export const postgresTypes: readonly string[] = [
  "create type mood as enum ('sad', 'so so', 'happy')",
  "create type pair as (number int4, words text[], mood mood)",
  "create domain positive as int4 check (value > 0)",
  "create type floatrange as range (subtype = float8)",
];

const postgresPair = {
  tag: "composite",
  val: {
    name: "pair",
    values: [
      lazy({ tag: "int4", val: 7 }),
      lazy({
        tag: "array",
        val: [lazy({ tag: "text", val: 'a "b"' }), lazy({ tag: "text", val: "NULL" }), lazy({ tag: "null" })],
      }),
      lazy({ tag: "enumeration", val: { name: "mood", value: "so so" } }),
    ],
  },
};

const pairType = {
  tag: "composite",
  val: {
    name: "pair",
    attributes: [
      ["number", lazy({ tag: "int4" })],
      ["words", lazy({ tag: "array", val: lazy({ tag: "text" }) })],
      ["mood", lazy({ tag: "enumeration", val: { name: "mood" } })],
    ],
  },
};

export const postgresValues: readonly ValueCase[] = [
  { type: `"char"`, literal: "'A'", value: { tag: "character", val: 65 }, typeName: "CHAR" },
  { type: "int2", literal: "-32768", value: { tag: "int2", val: -32_768 } },
  { type: "int4", literal: "2147483647", value: { tag: "int4", val: 2_147_483_647 } },
  { type: "int8", literal: "'-9223372036854775808'", value: { tag: "int8", val: big("-9223372036854775808") } },
  { type: "float4", literal: "1.5", value: { tag: "float4", val: 1.5 } },
  { type: "float8", literal: "'NaN'", value: { tag: "float8", val: { float: "NaN" } } },
  { type: "float8", literal: "'-Infinity'", value: { tag: "float8", val: { float: "-Infinity" } } },
  { type: "float8", literal: "1.0e-300", value: { tag: "float8", val: 1e-300 } },
  {
    type: "numeric",
    literal: "12345678901234567890.123456789",
    value: { tag: "numeric", val: "12345678901234567890.123456789" },
  },
  { type: "bool", literal: "true", value: { tag: "boolean", val: true } },
  { type: "text", literal: "'häßlich ☃ ''\\'", value: { tag: "text", val: "häßlich ☃ '\\" } },
  { type: "varchar", literal: "'abc'", value: { tag: "varchar", val: "abc" } },
  { type: "bpchar", literal: "'ab '", value: { tag: "bpchar", val: "ab " } },
  { type: "timestamp", literal: "'2024-02-29 13:04:05.678901'", value: { tag: "timestamp", val: timestamp } },
  {
    type: "timestamp",
    literal: "'0044-03-15 00:00:00 BC'",
    value: { tag: "timestamp", val: { date: { year: -43, month: 3, day: 15 }, time: midnight } },
  },
  {
    type: "timestamptz",
    literal: "'2024-02-29 15:04:05.678901+02'",
    value: { tag: "timestamptz", val: { timestamp, offset: 0 } },
  },
  { type: "date", literal: "'2024-02-29'", value: { tag: "date", val: date } },
  { type: "date", literal: "'0001-01-01 BC'", value: { tag: "date", val: { year: 0, month: 1, day: 1 } } },
  { type: "time", literal: "'13:04:05.678901'", value: { tag: "time", val: time } },
  { type: "timetz", literal: "'13:04:05.678901-05:30'", value: { tag: "timetz", val: { time, offset: -19_800 } } },
  {
    type: "interval",
    literal: "'1 year 2 mons -3 days -04:05:06.7'",
    value: { tag: "interval", val: { months: 14, days: -3, microseconds: big("-14706700000") } },
  },
  {
    type: "interval",
    literal: "'-0.5 seconds'",
    value: { tag: "interval", val: { months: 0, days: 0, microseconds: big("-500000") } },
  },
  { type: "bytea", literal: String.raw`'\x00ff10'`, value: { tag: "bytea", val: { bytes: [0, 255, 16] } } },
  {
    type: "uuid",
    literal: "'01234567-89ab-cdef-fedc-ba9876543210'",
    value: { tag: "uuid", val: { highBits: big("81985529216486895"), lowBits: big("18364758544493064720") } },
  },
  { type: "xml", literal: "'<a>b</a>'", value: { tag: "xml", val: "<a>b</a>" } },
  { type: "json", literal: `'{"a":  1}'`, value: { tag: "json", val: '{"a":  1}' } },
  { type: "jsonb", literal: `'{"a":  1}'`, value: { tag: "jsonb", val: '{"a": 1}' } },
  { type: "jsonpath", literal: `'$.a[*]'`, value: { tag: "jsonpath", val: '$."a"[*]' } },
  { type: "inet", literal: "'192.168.1.20'", value: { tag: "inet", val: { tag: "ipv4", val: [192, 168, 1, 20] } } },
  {
    type: "inet",
    literal: "'2001:db8::ff00:42'",
    value: { tag: "inet", val: { tag: "ipv6", val: [0x2001, 0xdb8, 0, 0, 0, 0, 0xff00, 0x42] } },
  },
  {
    type: "inet",
    literal: "'::ffff:1.2.3.4'",
    value: { tag: "inet", val: { tag: "ipv6", val: [0, 0, 0, 0, 0, 0xffff, 0x102, 0x304] } },
  },
  { type: "cidr", literal: "'10.0.0.0/32'", value: { tag: "cidr", val: { tag: "ipv4", val: [10, 0, 0, 0] } } },
  {
    type: "macaddr",
    literal: "'08:00:2b:01:02:ff'",
    value: { tag: "macaddr", val: { octets: [8, 0, 0x2b, 1, 2, 255] } },
  },
  { type: "bit(5)", literal: "b'10110'", value: { tag: "bit", val: [true, false, true, true, false] } },
  { type: "varbit", literal: "b'011'", value: { tag: "varbit", val: [false, true, true] } },
  { type: "int4range", literal: "'[1,10)'", value: { tag: "int4range", val: bounds(1, 10) } },
  {
    type: "int4range",
    literal: "'empty'",
    value: { tag: "int4range", val: { start: { tag: "excluded", val: 0 }, end: { tag: "excluded", val: 0 } } },
  },
  {
    type: "int8range",
    literal: "'[1,)'",
    value: { tag: "int8range", val: { start: { tag: "included", val: big("1") }, end: { tag: "unbounded" } } },
  },
  {
    type: "numrange",
    literal: "'(1.5,2.5]'",
    value: { tag: "numrange", val: { start: { tag: "excluded", val: "1.5" }, end: { tag: "included", val: "2.5" } } },
  },
  {
    type: "tsrange",
    literal: `'["2024-02-29 13:04:05.678901",)'`,
    value: { tag: "tsrange", val: { start: { tag: "included", val: timestamp }, end: { tag: "unbounded" } } },
  },
  {
    type: "tstzrange",
    literal: `'(,"2024-02-29 13:04:05.678901+00")'`,
    value: {
      tag: "tstzrange",
      val: { start: { tag: "unbounded" }, end: { tag: "excluded", val: { timestamp, offset: 0 } } },
    },
  },
  {
    type: "daterange",
    literal: "'[2024-02-29,2024-03-01)'",
    value: { tag: "daterange", val: bounds(date, { year: 2024, month: 3, day: 1 }) },
  },
  { type: "money", literal: "'-1234.50'", value: { tag: "money", val: big("-123450") } },
  { type: "oid", literal: "4294967295", value: { tag: "oid", val: 4_294_967_295 } },
  {
    type: "mood",
    literal: "'so so'",
    value: { tag: "enumeration", val: { name: "mood", value: "so so" } },
    column: { tag: "enumeration", val: { name: "mood" } },
    typeName: "mood",
  },
  {
    type: "pair",
    literal: `row(7, array['a "b"', 'NULL', null], 'so so')`,
    value: postgresPair,
    column: pairType,
    typeName: "pair",
  },
  {
    type: "int4[]",
    literal: "array[1,null,3]",
    value: { tag: "array", val: [lazy(int4(1)), lazy({ tag: "null" }), lazy(int4(3))] },
    column: { tag: "array", val: lazy({ tag: "int4" }) },
  },
  {
    type: "int4[]",
    literal: "array[[1,2],[3,4]]",
    value: {
      tag: "array",
      val: [
        [1, 2],
        [3, 4],
      ].map((row) => lazy({ tag: "array", val: row.map((item) => lazy(int4(item))) })),
    },
    column: { tag: "array", val: lazy({ tag: "int4" }) },
  },
  {
    type: "positive[]",
    literal: "array[5]::positive[]",
    value: { tag: "array", val: [lazy({ tag: "domain", val: { name: "positive", value: lazy(int4(5)) } })] },
    column: { tag: "array", val: lazy({ tag: "domain", val: { name: "positive", baseType: lazy({ tag: "int4" }) } }) },
    typeName: "positive[]",
  },
  {
    type: "pair[]",
    literal: `array[row(7, array['a "b"', 'NULL', null], 'so so')::pair]`,
    value: { tag: "array", val: [lazy(postgresPair)] },
    column: { tag: "array", val: lazy(pairType) },
    typeName: "pair[]",
  },
  {
    type: "floatrange",
    literal: "'[1.5,2.5)'",
    value: {
      tag: "range",
      val: { name: "floatrange", value: bounds(lazy({ tag: "float8", val: 1.5 }), lazy({ tag: "float8", val: 2.5 })) },
    },
    column: { tag: "range", val: { name: "floatrange", baseType: lazy({ tag: "float8" }) } },
    typeName: "floatrange",
  },
  { type: "text", literal: "null", value: { tag: "null" }, column: { tag: "text" } },
];

const bytes = (...list: number[]): { readonly bytes: readonly number[] } => ({ bytes: list });

export const mysqlValues: readonly ValueCase[] = [
  { type: "tinyint(1)", literal: "1", value: { tag: "boolean", val: true } },
  { type: "tinyint", literal: "-128", value: { tag: "tinyint", val: -128 } },
  { type: "smallint", literal: "-32768", value: { tag: "smallint", val: -32_768 } },
  { type: "mediumint", literal: "-8388608", value: { tag: "mediumint", val: -8_388_608 } },
  { type: "int", literal: "-2147483648", value: { tag: "int", val: -2_147_483_648 } },
  { type: "bigint", literal: "-9223372036854775808", value: { tag: "bigint", val: big("-9223372036854775808") } },
  { type: "tinyint unsigned", literal: "255", value: { tag: "tinyint-unsigned", val: 255 } },
  { type: "smallint unsigned", literal: "65535", value: { tag: "smallint-unsigned", val: 65_535 } },
  { type: "mediumint unsigned", literal: "16777215", value: { tag: "mediumint-unsigned", val: 16_777_215 } },
  { type: "int unsigned", literal: "4294967295", value: { tag: "int-unsigned", val: 4_294_967_295 } },
  {
    type: "bigint unsigned",
    literal: "18446744073709551615",
    value: { tag: "bigint-unsigned", val: big("18446744073709551615") },
  },
  { type: "float", literal: "1.5", value: { tag: "float", val: 1.5 } },
  { type: "double", literal: "1.0e-300", value: { tag: "double", val: 1e-300 } },
  {
    type: "decimal(30,10)",
    literal: "12345678901234567890.1234567890",
    value: { tag: "decimal", val: "12345678901234567890.1234567890" },
  },
  { type: "date", literal: "'2024-02-29'", value: { tag: "date", val: date } },
  { type: "datetime(6)", literal: "'2024-02-29 13:04:05.678901'", value: { tag: "datetime", val: timestamp } },
  { type: "timestamp(6)", literal: "'2024-02-29 13:04:05.678901'", value: { tag: "timestamp", val: timestamp } },
  { type: "time(6)", literal: "'13:04:05.678901'", value: { tag: "time", val: time } },
  { type: "time", literal: "'100:00:00'", value: { tag: "time", val: { ...midnight, hour: 100 } } },
  { type: "year", literal: "2024", value: { tag: "year", val: 2024 } },
  { type: "char(3)", literal: "'äbc'", value: { tag: "fixchar", val: "äbc" }, typeName: "CHAR" },
  { type: "varchar(10)", literal: "'☃'", value: { tag: "varchar", val: "☃" } },
  { type: "tinytext", literal: "'t'", value: { tag: "tinytext", val: "t" } },
  { type: "text", literal: "'t'", value: { tag: "text", val: "t" } },
  { type: "mediumtext", literal: "'t'", value: { tag: "mediumtext", val: "t" } },
  { type: "longtext", literal: "'t'", value: { tag: "longtext", val: "t" } },
  { type: "binary(3)", literal: "x'00ff10'", value: { tag: "binary", val: bytes(0, 255, 16) } },
  { type: "varbinary(5)", literal: "x'00ff10'", value: { tag: "varbinary", val: bytes(0, 255, 16) } },
  { type: "tinyblob", literal: "x'00ff10'", value: { tag: "tinyblob", val: bytes(0, 255, 16) } },
  { type: "blob", literal: "x'00ff10'", value: { tag: "blob", val: bytes(0, 255, 16) } },
  { type: "mediumblob", literal: "x'00ff10'", value: { tag: "mediumblob", val: bytes(0, 255, 16) } },
  { type: "longblob", literal: "x'00ff10'", value: { tag: "longblob", val: bytes(0, 255, 16) } },
  { type: "enum('a','b')", literal: "'b'", value: { tag: "enumeration", val: "b" }, typeName: "ENUM" },
  { type: "set('a','b')", literal: "'a,b'", value: { tag: "set", val: "a,b" } },
  { type: "bit(5)", literal: "b'10110'", value: { tag: "bit", val: [true, false, true, true, false] } },
  { type: "bit(64)", literal: "~0", value: { tag: "bit", val: Array.from({ length: 64 }, () => true) } },
  { type: "json", literal: `'{"a": 1}'`, value: { tag: "json", val: '{"a": 1}' } },
  { type: "int", literal: "null", value: { tag: "null" }, column: { tag: "int" } },
];
