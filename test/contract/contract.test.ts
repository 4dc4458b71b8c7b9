/**
 * The REST API against its own document (`/specs`) and against the specification: rows of requests for every operation,
 * whose responses are judged by the schemas of the document.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { formatJson } from "@emet/contract";
import type { JsonObject } from "../support/client.ts";
import type { Case, Cases } from "./cases.ts";
import { componentCases, pluginCases } from "./component-cases.ts";
import { checkErrorBody, DocumentJudge, operationsOf } from "./document.ts";
import type { OpenApi } from "./document.ts";
import { otherCases, refusals } from "./other-cases.ts";
import { absent, endpoints } from "./spec-endpoints.ts";
import { invocationCases, operationCases, workerCases } from "./worker-cases.ts";
import { World } from "./world.ts";

const worker = "/v1/components/{component_id}/workers/{worker_name}";

/** Workers are called and watched before the operations that change them; what deletes comes last. */
const cases: Cases = {
  ...otherCases,
  ...workerCases,
  ...invocationCases,
  ...operationCases,
  ...pluginCases,
  ...componentCases,
};

const mayBeAbsent = [
  // Added by Golem 1.2: clients of 1.1 don't expect it where nothing is linked, nor do types of it that have a default.
  /\/v1\/(?:components|plugins).* (?:dynamicLinking|componentType)$/u,
  // A line of a batch has a result, nothing, or an error.
  /\/v1\/components\/\{component_id\}\/invocations (?:result|status|errors|error|golemError)$/u,
  // A route reads back as it was written.
  /\/v1\/api\/routes.* (?:host|methods|worker)$/u,
  // So does a plugin.
  /\/v1\/plugins.* (?:providedWitPackage|jsonSchema)$/u,
];

/** Names of members that objects of a schema may lack. */
function optionalMembers(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(optionalMembers);
  if (typeof schema !== "object" || schema === null) return [];
  const { properties, required = [] } = schema as {
    readonly properties?: JsonObject;
    readonly required?: readonly string[];
  };
  const own = Object.keys(properties ?? {}).filter((name) => !required.includes(name));
  return [...own, ...Object.values(schema).flatMap(optionalMembers)];
}

describe("the REST contract", () => {
  let world: World;
  let document: OpenApi;
  let judge: DocumentJudge;

  before(async () => {
    world = await World.make();
    document = (await world.client.ok("GET", "/specs")) as OpenApi;
    judge = new DocumentJudge(document);
  });
  after(() => world[Symbol.asyncDispose]());

  async function answer(operation: string, row: Case): Promise<void> {
    const reply = await world.send(operation, row);
    const at = `${operation} ${row.it}: ${reply.status} ${reply.text}`;
    assert.equal(reply.status, row.status ?? 200, at);
    const body = judge.check(operation, reply);
    if (reply.status !== 200) checkErrorBody(reply.status, body);
    if (row.body !== undefined) assert.deepEqual(body, world.filled(row.body), at);
    for (const [name, value] of Object.entries(row.has ?? {})) {
      assert.deepEqual((body as JsonObject)[name], world.filled(value), `${at}: ${name}`);
    }
    if (reply.status === 500) {
      const { golemError } = body as { readonly golemError?: { readonly type: string } };
      assert.equal(golemError?.type, row.golemError, at);
    }
    if (row.says !== undefined) assert.ok(formatJson(body).includes(row.says), at);
  }

  test("every operation has a good row, and every row an operation", () => {
    const operations = [...operationsOf(document).keys()].toSorted();
    assert.deepEqual(Object.keys(cases).toSorted(), operations);
    for (const [operation, rows] of Object.entries(cases)) {
      const good = rows.some(({ status = 200 }) => status === 200);
      assert.ok(good || operation.endsWith("/connect"), `no good row of ${operation}`);
    }
  });

  test("every endpoint of the specification is there, but for those that are known to be absent", () => {
    const operations = operationsOf(document);
    const missing = endpoints.filter((endpoint) => !operations.has(endpoint));
    assert.deepEqual(missing.toSorted(), Object.keys(absent).toSorted());
  });

  test("members of responses are there, null where there is nothing to tell", () => {
    const optional = [...operationsOf(document)].flatMap(([operation, { responses }]) =>
      Object.values(responses["200"]?.content ?? {}).flatMap(({ schema }) =>
        optionalMembers(schema).map((member) => `${operation} ${member}`),
      ),
    );
    const unknown = optional.filter((member) => mayBeAbsent.every((known) => !known.test(member)));
    assert.deepEqual(unknown, []);
  });

  for (const [operation, rows] of Object.entries(cases)) {
    test(operation, async (context) => {
      // Before the good rows, which may delete what they are about.
      const good = rows.find(({ status = 200 }) => status === 200) ?? rows[0];
      const refused = good === undefined ? [] : refusals(operation, judge.operation(operation), good);
      for (const row of [...refused, ...rows]) {
        await context.test(row.it, () => answer(operation, row));
      }
    });
  }

  test("integers of 64 bits keep all their digits, floats their form", async () => {
    const exact = [
      ["u64", "18446744073709551615"],
      ["s64", "-9223372036854775808"],
      ["f64", "1e+300"],
    ] as const;
    for (const [name, text] of exact) {
      const path = { component_id: "$echo", worker_name: name };
      const query = { function: `test:echo/api.{${name}}` };
      const sent = `{"params":[${text}]}`;
      const reply = await world.send(`post ${worker}/invoke-and-await`, { it: name, path, query, text: sent });
      assert.equal(reply.status, 200, reply.text);
      assert.ok(reply.text.endsWith(`"value":[${text}]}}`), reply.text);
      const oplog = await world.send(`get ${worker}/oplog`, { it: name, path, query: { from: "1", count: "100" } });
      judge.check(`get ${worker}/oplog`, oplog);
      const shown = oplog.text.split(`"value":${text}}`).length + oplog.text.split(`"value":[${text}]}`).length;
      assert.equal(shown, 5, oplog.text);
    }
  });
});
