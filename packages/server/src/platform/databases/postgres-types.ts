/** PostgreSQL's own types by their numbers, and questions to its catalogue about all others. */
import type { ResultType, Statement, StatementResult } from "./database.ts";
import { DatabaseError, nullCell, textCell } from "./database.ts";

/** Name, number, and number of the array type (`pg_type.dat`; they never change). */
const builtIn: readonly (readonly [name: string, id: number, array: number])[] = [
  ["bool", 16, 1000],
  ["bytea", 17, 1001],
  ["char", 18, 1002],
  ["name", 19, 1003],
  ["int8", 20, 1016],
  ["int2", 21, 1005],
  ["int4", 23, 1007],
  ["text", 25, 1009],
  ["oid", 26, 1028],
  ["json", 114, 199],
  ["xml", 142, 143],
  ["cidr", 650, 651],
  ["float4", 700, 1021],
  ["float8", 701, 1022],
  ["money", 790, 791],
  ["macaddr", 829, 1040],
  ["inet", 869, 1041],
  ["bpchar", 1042, 1014],
  ["varchar", 1043, 1015],
  ["date", 1082, 1182],
  ["time", 1083, 1183],
  ["timestamp", 1114, 1115],
  ["timestamptz", 1184, 1185],
  ["interval", 1186, 1187],
  ["timetz", 1266, 1270],
  ["bit", 1560, 1561],
  ["varbit", 1562, 1563],
  ["numeric", 1700, 1231],
  ["uuid", 2950, 2951],
  ["jsonb", 3802, 3807],
  ["int4range", 3904, 3905],
  ["numrange", 3906, 3907],
  ["tsrange", 3908, 3909],
  ["tstzrange", 3910, 3911],
  ["daterange", 3912, 3913],
  ["int8range", 3926, 3927],
  ["jsonpath", 4072, 4073],
];

const builtInTypes: ReadonlyMap<number, readonly ResultType[]> = new Map(
  builtIn.flatMap(([name, id, array]) => {
    const type: ResultType = { id, name, kind: "base", base: 0, attributes: [] };
    const arrayType: ResultType = { id: array, name: `${name}[]`, kind: "array", base: id, attributes: [] };
    return [
      [id, [type]],
      [array, [arrayType, type]],
    ];
  }),
);

const builtInIds: ReadonlyMap<string, number> = new Map(
  builtIn.flatMap(([name, id, array]) => [
    [name, id],
    [`${name}[]`, array],
  ]),
);

type Run = (statement: Statement) => Promise<StatementResult>;

/** All that these types consist of, with the attributes of composite ones; sorted, so that it is told the same way. */
const describeTypes = `
with recursive needed(id) as (
  select unnest($1::int8[])::oid
  union
  select part from needed
    join pg_catalog.pg_type t on t.oid = needed.id
    left join pg_catalog.pg_range r on r.rngtypid = t.oid
    left join pg_catalog.pg_attribute a on a.attrelid = t.typrelid and t.typtype = 'c' and a.attnum > 0 and not a.attisdropped
    cross join lateral (values (case when t.typcategory = 'A' then t.typelem end), (nullif(t.typbasetype, 0)),
      (r.rngsubtype), (a.atttypid)) as parts(part)
  where part is not null and part <> 0
)
select t.oid::int8, t.typname,
  case when t.typcategory = 'A' then 'array' when t.typtype = 'e' then 'enumeration' when t.typtype = 'c' then 'composite'
    when t.typtype = 'd' then 'domain' when t.typtype = 'r' then 'range' else 'base' end,
  coalesce(case when t.typcategory = 'A' then nullif(t.typelem, 0) end, nullif(t.typbasetype, 0), r.rngsubtype, 0)::int8,
  coalesce((select json_agg(json_build_array(a.attname, a.atttypid::int8) order by a.attnum)
    from pg_catalog.pg_attribute a
    where a.attrelid = t.typrelid and t.typtype = 'c' and a.attnum > 0 and not a.attisdropped), '[]')
from needed join pg_catalog.pg_type t on t.oid = needed.id left join pg_catalog.pg_range r on r.rngtypid = t.oid
order by t.oid`;

function isKind(text: string): text is ResultType["kind"] {
  return ["base", "enumeration", "composite", "domain", "array", "range"].includes(text);
}

/** Describes the types with these numbers; asks only where there are some that not every database has. */
export async function describe(ids: readonly number[], run: Run): Promise<readonly ResultType[]> {
  const known = new Map<number, ResultType>();
  const unknown = new Set<number>();
  for (const id of ids) {
    const types = builtInTypes.get(id);
    if (types === undefined) unknown.add(id);
    for (const type of types ?? []) known.set(type.id, type);
  }
  if (unknown.size === 0) return [...known.values()];
  const list = textCell(`{${[...unknown].join(",")}}`);
  const { rows } = await run({ text: describeTypes, parameters: [{ type: "int8[]", value: list }] });
  for (const row of rows) {
    const [id, name, kind, base, attributes] = row.map((cell) => String(cell.val ?? ""));
    if (kind === undefined || !isKind(kind)) continue;
    const parts = JSON.parse(attributes ?? "[]") as readonly (readonly [string, number])[];
    const described: ResultType = {
      id: Number(id),
      // Arrays of types that have no name of their own are called "_…" in the catalogue.
      name: name ?? "",
      kind,
      base: Number(base),
      attributes: parts.map(([attribute, type]) => ({ name: attribute, type })),
    };
    const [standard] = builtInTypes.get(described.id) ?? [];
    known.set(described.id, standard ?? described);
  }
  return [...known.values()].map((type) =>
    type.kind === "array" ? { ...type, name: `${known.get(type.base)?.name ?? ""}[]` } : type,
  );
}

function quoted(name: string): string {
  return name
    .split(".")
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join(".");
}

const resolveNames = `
select t.oid::int8 from unnest($1::text[]) with ordinality as names(name, place)
left join pg_catalog.pg_type t on t.oid = to_regtype(name) order by place`;

/** The numbers of these types, 0 for an empty name. Throws `DatabaseError` for names that the database doesn't know. */
export async function typeIds(names: readonly string[], run: Run): Promise<readonly number[]> {
  const custom = [...new Set(names.filter((name) => name !== "" && !builtInIds.has(name)))];
  const found = new Map<string, number>();
  if (custom.length > 0) {
    const wanted = custom.map((name) => (name.endsWith("[]") ? `${quoted(name.slice(0, -2))}[]` : quoted(name)));
    const list = `{${wanted.map((name) => `"${name.replaceAll(/["\\]/gu, String.raw`\$&`)}"`).join(",")}}`;
    const { rows } = await run({ text: resolveNames, parameters: [{ type: "text[]", value: textCell(list) }] });
    for (const [index, name] of custom.entries()) {
      const [cell = nullCell] = rows[index] ?? [];
      if (cell.tag !== "text") throw new DatabaseError("query-parameter-failure", `type "${name}" does not exist`);
      found.set(name, Number(cell.val));
    }
  }
  return names.map((name) => builtInIds.get(name) ?? found.get(name) ?? 0);
}
