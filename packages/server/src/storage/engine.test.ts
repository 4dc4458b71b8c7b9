import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { readChunks } from "./chunk-list.ts";
import { appendTo, moveAll } from "./engine-fixtures.ts";
import { StorageEngine } from "./engine.ts";
import { commitGroup } from "./group.ts";
import type { StorageLimits } from "./limits.ts";
import { defaultStorageLimits } from "./limits.ts";
import { appendOf, componentA, rowOf, temporaryDirectory, testLimits } from "./test-fixtures.ts";

const limits: StorageLimits = { ...defaultStorageLimits, ...testLimits, segmentBytes: 60 };

const names = ["a", "b", "c"];

/** What may happen between two reads; a restart finds what a crash would leave. */
type Step =
  | { readonly kind: "append"; readonly name: string; readonly count: number; readonly env: string }
  | { readonly kind: "delete"; readonly name: string }
  | { readonly kind: "begin-moving" }
  | { readonly kind: "background" }
  | { readonly kind: "restart" };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        kind: fc.constant("append" as const),
        name: fc.constantFrom(...names),
        count: fc.integer({ min: 1, max: 9 }),
        env: fc.constantFrom("x", "y"),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), name: fc.constantFrom(...names) }) },
    { weight: 2, arbitrary: fc.constant({ kind: "begin-moving" as const }) },
    { weight: 8, arbitrary: fc.constant({ kind: "background" as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: "restart" as const }) },
  ),
  { maxLength: 60 },
);

interface ModelWorker {
  text: string;
  lastIndex: number;
  env: string;
}

function readText(engine: StorageEngine, name: string, bytesMax: number): string {
  let text = "";
  let next: number | undefined = 1;
  while (next !== undefined) {
    const page = engine.reads["oplog.read"](`${componentA}/${name}`, next, bytesMax);
    assert.ok(page.kind === "page");
    for (const chunk of readChunks(Buffer.from(page.chunks), page.firstIndex)) {
      text += Buffer.from(chunk.records).toString();
    }
    next = page.nextIndex;
  }
  return text;
}

function check(engine: StorageEngine, model: ReadonlyMap<string, ModelWorker>): void {
  for (const name of names) {
    const id = `${componentA}/${name}`;
    const expected = model.get(name);
    assert.equal(engine.reads["oplog.lastIndex"](id), expected?.lastIndex ?? 0);
    assert.equal(readText(engine, name, 100), expected?.text ?? "");
    const environment = expected === undefined ? undefined : JSON.stringify([["E", expected.env]]);
    assert.equal(engine.reads["worker.get"](id)?.environment, environment);
  }
}

function apply(engine: StorageEngine, model: Map<string, ModelWorker>, step: Step): void {
  switch (step.kind) {
    case "append": {
      const before = model.get(step.name) ?? { text: "", lastIndex: 0, env: "" };
      const row = rowOf({ env: [["E", step.env]] });
      const append = appendOf(step.name, before.lastIndex + 1, { count: step.count, row });
      assert.deepEqual(appendTo(engine, append), []);
      const text = before.text + Buffer.from(append.chunk.records).toString();
      model.set(step.name, { text, lastIndex: before.lastIndex + step.count, env: step.env });
      break;
    }
    case "delete": {
      const parameters = [`${componentA}/${step.name}`, 7, 1];
      assert.equal(commitGroup(engine, [{ number: 1, name: "oplog.delete", parameters }]).error, undefined);
      model.delete(step.name);
      break;
    }
    case "begin-moving":
      engine.mover.moveAll();
      break;
    case "background":
      engine.mover.step(1);
      break;
    case "restart":
      break;
  }
}

describe("StorageEngine", () => {
  it("holds the same oplogs and rows whatever was moved, deleted and restarted in between", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        await using directory = await temporaryDirectory();
        const model = new Map<string, ModelWorker>();
        let engine = StorageEngine.open(directory.path, limits);
        try {
          for (const step of all) {
            if (step.kind === "restart") {
              engine.close();
              engine = StorageEngine.open(directory.path, limits);
            } else apply(engine, model, step);
            check(engine, model);
          }
          moveAll(engine);
          check(engine, model);
        } finally {
          engine.close();
        }
      }),
      { numRuns: 60 },
    );
  });

  it("leaves nothing of deleted workers and moved entries behind", async () => {
    await using directory = await temporaryDirectory();
    using engine = StorageEngine.open(directory.path, limits);
    for (const name of names) for (let index = 1; index < 200; index += 1) appendTo(engine, appendOf(name, index));
    moveAll(engine);
    appendTo(engine, appendOf("a", 200));
    for (const name of names) {
      commitGroup(engine, [{ number: 1, name: "oplog.delete", parameters: [`${componentA}/${name}`, 7, 1] }]);
    }
    appendTo(engine, appendOf("last", 1));
    moveAll(engine);
    assert.deepEqual(engine.countRows(["journal", "segments", "workers", "deleted_workers"]), [0, 1, 1, 0]);
  });

  it("writes an environment to the journal only when it changes", () => {
    using engine = StorageEngine.openInMemory(limits);
    const row = rowOf({ env: [["E", "x".repeat(10_000)]] });
    appendTo(engine, appendOf("w", 1, { row }));
    const first = engine.journalBytes;
    appendTo(engine, appendOf("w", 2, { row }));
    assert.ok(engine.journalBytes - first < 500);
    appendTo(engine, appendOf("w", 3, { row: rowOf({ env: [["E", "y".repeat(10_000)]] }) }));
    assert.ok(engine.journalBytes - first > 10_000);
  });
});
