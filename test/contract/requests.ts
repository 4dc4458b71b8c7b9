/** Requests made from the OpenAPI document: what it asks for, or nearly. */
import {
  constantFrom,
  array,
  bigInt,
  boolean,
  constant,
  dictionary,
  double,
  integer,
  jsonValue,
  nat,
  oneof,
  option,
  record,
  string,
  stringMatching,
  tuple,
  uint8Array,
  uuid,
} from "fast-check";
import type { Arbitrary } from "fast-check";
import { zipArchive } from "../../packages/server/src/component/zip-for-tests.ts";
import type { JsonObject } from "../support/client.ts";
import type { Operation, OperationName, Parameter } from "./document.ts";

/** Of one request; strings `$name` stand for values of the world. */
export interface MadeRequest {
  readonly operation: OperationName;
  readonly path: { readonly [name: string]: string };
  readonly query: readonly (readonly [string, string])[];
  readonly headers: { readonly [name: string]: string };
  /** JSON text, bytes, or the fields of a form. */
  readonly body: string | Uint8Array | JsonObject | undefined;
}

type Known = () => Arbitrary<unknown>;

const probe = (name: string): string => `test:probe/api.{${name}}`;
const quickFunctions = ["bump", "count", "divide", "grow", "print", "random", "random-bytes", "wall", "metadata"];
const moreFunctions = [
  "create",
  "complete",
  "commit",
  "oplog-index",
  "generate-keys",
  "overflow",
  "exit",
  "set-retries",
];
const functionNames = [...quickFunctions, ...moreFunctions].map(probe);
const workerNames = ["known", "finished", "promising", "plugged", "failing", "waiting", "new-1", "new-2", "new-3"];
const times = ["2001-01-01T00:00:00Z", "2999-12-31T23:59:59.999Z", "2026-11-22T00:00:00+14:00"];
const versions = constantFrom(0, 1, 2, 3, 1_000_000);
const indexes = constantFrom(0, 1, 2, 3, 4, 5, 8, Number.MAX_SAFE_INTEGER);

/** What is likely to lead on, by the name of a parameter or a member. */
const known: { readonly [name: string]: Known } = {
  component_id: () => constantFrom("$component", "$component", "$component", "$echo", "$ephemeral", "$counters"),
  componentId: () => constantFrom("$component", "$unknown"),
  worker_name: () => constantFrom(...workerNames),
  targetWorkerName: () => constantFrom("copy-1", "copy-2", "known"),
  version: () => constantFrom("0", "1", "2", "1000000"),
  targetVersion: () => versions,
  componentVersion: () => versions,
  lastOplogIndex: () => indexes,
  oplogIndexCutOff: () => indexes,
  oplogIdx: () => constantFrom(1, 3, 4, "$promise"),
  numberOfInvocations: () => constantFrom(0, 1, 2, 1000),
  file_key: () => constantFrom("$file", "none"),
  installation_id: () => constantFrom("$installation", "$unknown"),
  "plugin-installation-id": () => constantFrom("$installation", "$removable-installation", "$unknown"),
  schedule_id: () => constantFrom("$schedule", "x"),
  route_id: () => constantFrom("$route", "x"),
  idempotency_key: () => constantFrom("finished-key", "pending-key", "other-pending-key", "running-key", "key"),
  name: () => constantFrom("known-plugin", "failing-plugin", "known", "made-1", "made-2"),
  transformUrl: () => constantFrom("$transformer", "http://127.0.0.1:9/"),
  validateUrl: () => constantFrom("$transformer"),
  component: () => constantFrom("handler", "probe", "$component"),
  "component-name": () => constantFrom("probe", "nobody"),
  scope: () => constantFrom("global", "component:${component}"),
  function: () => constantFrom(...functionNames),
  filter: () => constantFrom("name = known", "status != idle", "version >= 1", "env.A like b", "created_at > x"),
  cursor: () => constantFrom("0/0", "0/1", "1-0", "3-1"),
  count: () => constantFrom("1", "7", "100"),
  query: () => constantFrom("bump", "imported-function AND NOT idle", "(a OR b) c", "a:b", '"x y"', "/x.*/", "("),
  path: () => constantFrom("/", "/data", "data/a.txt", "/none", "/new/{name}", "/../..", "/\u0000"),
  at: () => constantFrom(...times),
  value: () => oneof(constantFrom<unknown>(...times, 1, "known", "Idle"), jsonValue({ maxDepth: 1 })),
};

const wireIntegers = oneof(integer(), bigInt({ min: -(2n ** 64n), max: 2n ** 65n }).map(Number), double());

function textOf(schema: JsonObject): Arbitrary<string> {
  const { pattern, format, minLength = 0, maxLength = 40 } = schema;
  if (typeof pattern === "string") return stringMatching(new RegExp(pattern, "u"));
  if (format === "date-time") return constantFrom(...times);
  const text = string({ minLength: Number(minLength), maxLength: Math.min(Number(maxLength), 40), unit: "binary" });
  return oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: uuid() });
}

function objectOf(schema: JsonObject, schemas: JsonObject, depth: number): Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const members = Object.entries(properties as JsonObject).map(([name, member]) => {
    const fits = fitting(member as JsonObject, schemas, depth - 1);
    const likely = "enum" in (member as JsonObject) || "const" in (member as JsonObject) ? undefined : known[name];
    const isLeaf = (member as JsonObject)["type"] !== "object" && (member as JsonObject)["oneOf"] === undefined;
    if (likely === undefined || !isLeaf) return [name, fits] as const;
    return [name, oneof({ weight: 4, arbitrary: likely() }, { weight: 1, arbitrary: fits })] as const;
  });
  const requiredKeys = (required as readonly string[]).filter((name) => name in (properties as JsonObject));
  const own = record(Object.fromEntries(members), { requiredKeys });
  if (typeof additionalProperties !== "object" || members.length > 0) return own;
  return dictionary(string(), fitting(additionalProperties as JsonObject, schemas, depth - 1), { maxKeys: 3 });
}

/** Values that fit a schema. */
export function fitting(schema: JsonObject, schemas: JsonObject, depth = 5): Arbitrary<unknown> {
  const { $ref, enum: among, const: only, oneOf, anyOf, type } = schema;
  if (typeof $ref === "string") {
    if (depth <= 0) return constant({ type: "Bool" });
    return fitting(schemas[$ref.split("/").at(-1) ?? ""] as JsonObject, schemas, depth);
  }
  if (Array.isArray(among)) return constantFrom<unknown>(...(among as readonly unknown[]));
  if (only !== undefined) return constant(only);
  const alternatives = (oneOf ?? anyOf) as readonly JsonObject[] | undefined;
  if (alternatives !== undefined) return oneof(...alternatives.map((each) => fitting(each, schemas, depth - 1)));
  if (Array.isArray(type)) return oneof(...type.map((each) => fitting({ ...schema, type: each }, schemas, depth)));
  switch (type) {
    case "object":
      return objectOf(schema, schemas, depth);
    case "array":
      return array(fitting((schema["items"] ?? {}) as JsonObject, schemas, depth - 1), {
        maxLength: depth > 0 ? 3 : 0,
      });
    case "string":
      return textOf(schema);
    case "boolean":
      return boolean();
    case "null":
      return constant(null);
    case "integer":
    case "number": {
      const { minimum = -1e6, maximum = 1e6 } = schema;
      return integer({ min: Number(minimum), max: Math.min(Number(maximum), 2 ** 31 - 1) });
    }
    default:
      return oneof(wireIntegers, jsonValue({ maxDepth: 2 }));
  }
}

const change = record({
  kind: constantFrom("replace", "remove", "add"),
  at: nat(30),
  by: oneof(jsonValue({ maxDepth: 2 }), wireIntegers, constant("x".repeat(3000)), constant(null)),
});

/** The value with its nth part changed. */
function changed(
  value: unknown,
  { kind, at, by }: { readonly kind: string; readonly at: number; readonly by: unknown },
): unknown {
  let left = at;
  const visit = (part: unknown): unknown => {
    if (left-- === 0) return kind === "add" && typeof part === "object" ? { ...part, added: by } : by;
    if (Array.isArray(part)) return part.map(visit);
    if (typeof part !== "object" || part === null) return part;
    const members = Object.entries(part).flatMap(([name, member]): (readonly [string, unknown])[] => {
      if (kind === "remove" && left === 0) return (left--, []);
      return [[name, visit(member)]];
    });
    return Object.fromEntries(members);
  };
  return visit(value);
}

function broken(value: Arbitrary<unknown>): Arbitrary<unknown> {
  return tuple(value, change).map(([whole, how]) => changed(whole, how));
}

const anyText = oneof(
  string({ unit: "binary" }),
  constantFrom("", "0", "-1", "a/b", "%00", "..", "null", "1".repeat(25)),
);

function parameterValue({ name, schema }: Parameter, schemas: JsonObject): Arbitrary<string> {
  const fits = fitting(schema, schemas).map(String);
  const likely = known[name]?.().map(String);
  const rest = [
    { weight: 2, arbitrary: fits },
    { weight: 1, arbitrary: anyText },
  ];
  return oneof(...(likely === undefined ? [] : [{ weight: 9, arbitrary: likely }]), ...rest);
}

const archives = oneof(
  constant<Uint8Array>(
    zipArchive([
      { name: "a.txt", content: "a" },
      { name: "b/c.txt", content: "c" },
    ]),
  ),
  constant<Uint8Array>(zipArchive([])),
  constant<Uint8Array>(
    zipArchive([
      { name: "../a.txt", content: "a" },
      { name: "/b", content: "b", size: 99 },
    ]),
  ),
  uint8Array(),
);
const permissions = constantFrom("/a.txt", "/none", "a.txt", "/b/../a.txt").map((path) =>
  JSON.stringify({ values: [{ path, permissions: "read-write" }] }),
);
const binaries = oneof(constant("$binary"), uint8Array(), string());

const forms: Arbitrary<JsonObject> = record(
  {
    name: oneof(string({ unit: "binary" }), constantFrom("probe", "", "made-3")),
    component: binaries,
    componentType: constantFrom("Durable", "Ephemeral", "x"),
    files: archives,
    filesPermissions: oneof(permissions, string()),
    dynamicLinking: oneof(
      constant('{"dynamicLinking":{}}'),
      jsonValue().map((value) => JSON.stringify(value)),
      string(),
    ),
  },
  { requiredKeys: ["component"] },
);

/** Values that probe's functions take, or don't. */
const parameters = array(
  oneof(
    constantFrom<unknown>(0, 1, -1, 2 ** 32, 2 ** 53, 1e20, "text", null, { ok: null }),
    constant({ typ: { type: "U64" }, value: 7 }),
    jsonValue({ maxDepth: 1 }),
  ),
  { maxLength: 2 },
);

function bodyOf({ requestBody }: Operation, schemas: JsonObject): Arbitrary<MadeRequest["body"]> {
  const content = requestBody?.content ?? {};
  // A batch of one line is a body like others.
  const schema = (content["application/json"] ?? content["application/x-ndjson"])?.schema;
  if (schema !== undefined) {
    const fits = fitting(schema, schemas);
    const withParameters = tuple(fits, parameters).map(([body, params]) =>
      typeof body === "object" && body !== null && "params" in body ? { ...body, params } : body,
    );
    const text = (value: unknown): string => JSON.stringify(value) ?? "";
    return oneof(
      { weight: 5, arbitrary: withParameters.map(text) },
      { weight: 3, arbitrary: broken(withParameters).map(text) },
      { weight: 1, arbitrary: broken(broken(fits)).map(text) },
      { weight: 1, arbitrary: string() },
    );
  }
  if (content["multipart/form-data"] !== undefined) return forms;
  if (content["application/octet-stream"] !== undefined) return binaries;
  return constant(undefined);
}

/** Requests to an operation, most of them in order. */
export function requestsTo(name: OperationName, operation: Operation, schemas: JsonObject): Arbitrary<MadeRequest> {
  const declared = operation.parameters ?? [];
  const ofPath = declared.filter((parameter) => parameter.in === "path");
  const ofQuery = declared.filter((parameter) => parameter.in === "query");
  return record({
    operation: constant(name),
    path: record(Object.fromEntries(ofPath.map((each) => [each.name, parameterValue(each, schemas)]))),
    query: tuple(
      ...ofQuery.map((each) =>
        option(
          parameterValue(each, schemas).map((value) => [each.name, value] as const),
          { freq: each.required === true ? 20 : 2 },
        ),
      ),
    ).map((pairs) => pairs.filter((pair) => pair !== null)),
    headers: constantFrom<MadeRequest["headers"]>(
      {},
      {},
      { "idempotency-key": "key" },
      { "idempotency-key": "finished-key" },
    ),
    body: bodyOf(operation, schemas),
  });
}
