/** Whatever the document's schemas let a client send, or nearly: every answer is one that the document has, in time. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { asyncProperty, assert as assertProperty, constantFrom } from "fast-check";
import { seedOfRun } from "../support/seeded-random.ts";
import { checkErrorBody, DocumentJudge, operationsOf } from "./document.ts";
import type { OpenApi } from "./document.ts";
import { requestsTo } from "./requests.ts";
import type { MadeRequest } from "./requests.ts";
import { World } from "./world.ts";

const runs = 2000;

/** Errors that are no outcome of a worker: transformers of plugins that fail, and those alone. */
const serverErrors = /^Component transformation failed/u;

describe("requests made from the document", () => {
  let world: World;
  let document: OpenApi;
  let judge: DocumentJudge;

  before(async () => {
    world = await World.make();
    document = (await world.client.ok("GET", "/specs")) as OpenApi;
    judge = new DocumentJudge(document);
    // Otherwise calls of this worker, and of its copies, would rightly wait for ever.
    const waiting = world.client.worker(String(world.value("component")), "waiting");
    const completed = await waiting.send("POST", "/complete", { oplogIdx: world.values.get("awaited"), data: [] });
    assert.deepEqual(completed, { status: 200, body: true });
  });
  after(() => world[Symbol.asyncDispose]());

  async function answer(made: MadeRequest): Promise<number> {
    const reply = await world.sendMade(made);
    const body = judge.check(made.operation, reply);
    if (reply.status >= 400) checkErrorBody(reply.status, body);
    const { error } = (body ?? {}) as { readonly error?: string };
    if (reply.status === 500 && error !== undefined) assert.match(error, serverErrors);
    return reply.status;
  }

  test("are answered as it says", async (context) => {
    const seed = seedOfRun() | 0;
    context.diagnostic(`EMET_SEED=${seed}`);
    const { schemas } = document.components;
    const operations = [...operationsOf(document)].map(([name, operation]) => ({
      name,
      requests: requestsTo(name, operation, schemas),
    }));
    const good = new Set<string>();
    const property = asyncProperty(
      constantFrom(...operations).chain(({ requests }) => requests),
      async (made) => {
        if ((await answer(made)) === 200) good.add(made.operation);
        await world.restoreComponent();
      },
    );
    await assertProperty(property, { numRuns: runs, seed, endOnFailure: true });
    context.diagnostic(`${good.size} of ${operations.length} operations did what they were asked`);
    assert.deepEqual(await world.client.ok("GET", "/healthcheck"), {});
    assert.equal(world.server.running, true);
    assert.doesNotMatch(world.server.errors, /"level":"fatal"|UnhandledPromise|TypeError/u);
    assert.ok(good.size >= 40, `only these did what they were asked: ${[...good].join(", ")}`);
  });
});
