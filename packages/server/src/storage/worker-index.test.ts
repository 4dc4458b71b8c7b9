import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { WorkerRow } from "../durability/worker-row.ts";
import { workerStatuses } from "../durability/worker-row.ts";
import type { WorkerFilter } from "../worker/worker-index.ts";
import { compareCodePoints } from "./code-points.ts";
import { StorageEngine } from "./engine.ts";
import { matchesFilter } from "./filter-match.ts";
import { commitGroup } from "./group.ts";
import { appendTo, moveAll } from "./engine-fixtures.ts";
import { statusCode } from "./journal-format.ts";
import { defaultStorageLimits } from "./limits.ts";
import { appendOf, componentA, rowOf } from "./test-fixtures.ts";
import type { PackedPage } from "./worker-index.ts";
import { encodeEnvironment } from "./worker-rows.ts";

const words = fc.string({
  unit: fc.constantFrom("a", "b", "A", "é", "%", "_", "'", '"', "\\", "\u{1f600}"),
  maxLength: 4,
});
const variables = fc.constantFrom("mode", "MODE", "Änd", "änd", "'");
const orders = fc.constantFrom("Equal", "NotEqual", "GreaterEqual", "Greater", "LessEqual", "Less");
const strings = fc.constantFrom("Equal", "NotEqual", "Like", "NotLike");
const times = fc.constantFrom(0, 5, 5.5, 6, 1000, 2000);
const versions = fc.integer({ min: 0, max: 5 });

const filters: fc.Arbitrary<WorkerFilter> = fc.letrec<{ filter: WorkerFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.record({ type: fc.constant("Name" as const), comparator: strings, value: words }),
    fc.record({ type: fc.constant("Env" as const), name: variables, comparator: strings, value: words }),
    fc.record({ type: fc.constant("Status" as const), comparator: orders, value: fc.constantFrom(...workerStatuses) }),
    fc.record({ type: fc.constant("Version" as const), comparator: orders, value: versions }),
    fc.record({ type: fc.constant("CreatedAt" as const), comparator: orders, valueMs: times }),
    fc.record({
      type: fc.constantFrom("And" as const, "Or" as const),
      filters: fc.array(tie("filter"), { maxLength: 3 }),
    }),
    fc.record({ type: fc.constant("Not" as const), filter: tie("filter") }),
  ),
})).filter;

const rows: fc.Arbitrary<WorkerRow> = fc.record({
  status: fc.constantFrom(...workerStatuses),
  componentVersion: versions,
  createdAtMs: times,
  env: fc.array(fc.tuple(variables, words), { maxLength: 2 }),
  needsRecovery: fc.boolean(),
  detail: fc.constant(new Uint8Array(0)),
});

/** What happens to the store before it is asked: new rows, deletions, and everything moved to the tables. */
type Step =
  | { readonly kind: "append"; readonly name: string; readonly row: WorkerRow }
  | { readonly kind: "delete"; readonly name: string }
  | { readonly kind: "move" };

const names = words.filter((name) => name !== "");
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant("append" as const), name: names, row: rows }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), name: names }) },
    { weight: 1, arbitrary: fc.constant({ kind: "move" as const }) },
  ),
  { maxLength: 40 },
);

function appendRow(engine: StorageEngine, name: string, row: WorkerRow): void {
  const next = engine.reads["oplog.lastIndex"](`${componentA}/${name}`) + 1;
  assert.deepEqual(appendTo(engine, appendOf(name, next, { row })), []);
}

/** Runs the steps on the engine and on a plain map. */
function play(engine: StorageEngine, all: readonly Step[]): Map<string, WorkerRow> {
  const model = new Map<string, WorkerRow>();
  for (const step of all) {
    switch (step.kind) {
      case "append":
        appendRow(engine, step.name, step.row);
        model.set(step.name, step.row);
        break;
      case "delete":
        commitGroup(engine, [{ number: 1, name: "oplog.delete", parameters: [`${componentA}/${step.name}`, 7, 1] }]);
        model.delete(step.name);
        break;
      case "move":
        moveAll(engine);
        break;
    }
  }
  return model;
}

function listPage(
  engine: StorageEngine,
  filter: WorkerFilter | undefined,
  afterName: string,
  count: number,
): PackedPage {
  const query = { componentId: componentA, afterName, count, ...(filter === undefined ? {} : { filter }) };
  const task = engine.stepped["worker.list"](query);
  for (;;) {
    const step = task.next();
    if (step.done === true) return step.value;
  }
}

function listNames(engine: StorageEngine, filter: WorkerFilter, count: number): string[] {
  const found: string[] = [];
  for (let after = ""; ;) {
    const page = listPage(engine, filter, after, count);
    found.push(...page.rows.map((row) => row.name));
    if (page.nextName === undefined) return found;
    assert.equal(page.rows.length, count, "every page but the last is full");
    assert.equal(page.nextName, found.at(-1));
    after = page.nextName;
  }
}

const smallSteps = { ...defaultStorageLimits, logBytesMin: 0, listStepCount: 2 };

describe("WorkerIndexReader.list()", () => {
  it("finds what a plain evaluation of the filter finds, moved or not, in pages", () => {
    fc.assert(
      fc.property(steps, fc.array(filters, { minLength: 1, maxLength: 6 }), versions, (all, tried, pageCount) => {
        using engine = StorageEngine.openInMemory(smallSteps);
        const model = play(engine, all);
        for (const filter of tried) {
          const expected = [...model]
            .filter(([name, row]) => matchesFilter(filter, { ...row, name, status: statusCode(row.status) }))
            .map(([name]) => name)
            .sort(compareCodePoints);
          assert.deepEqual(listNames(engine, filter, pageCount + 1), expected);
        }
        for (const [name, row] of model) {
          const stored = engine.reads["worker.get"](`${componentA}/${name}`);
          assert.equal(stored?.environment, encodeEnvironment(row.env));
          assert.equal(stored.status, statusCode(row.status));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("refuses a filter with too many conditions", () => {
    using engine = StorageEngine.openInMemory(smallSteps);
    let filter: WorkerFilter = { type: "And", filters: [] };
    for (let depth = 0; depth < 1000; depth += 1) filter = { type: "Not", filter };
    assert.throws(() => listPage(engine, filter, "", 1), /more than 200 conditions/);
  });
});

function nameAt(index: number): string {
  return `w-${String(index).padStart(6, "0")}`;
}

describe("worker spans", () => {
  it("let an enumeration by time of creation skip to what matches, after splits and deletions", () => {
    using engine = StorageEngine.openInMemory({ ...smallSteps, listStepCount: 64 });
    const count = 6000;
    // In an order that is neither that of names nor that of times.
    for (let step = 0; step < count; step += 1) {
      const index = (step * 4001) % count;
      appendRow(engine, nameAt(index), rowOf({ createdAtMs: index }));
      if (step % 1000 === 999) moveAll(engine);
    }
    commitGroup(engine, [{ number: 1, name: "oplog.delete", parameters: [`${componentA}/${nameAt(4000)}`, 7, 1] }]);
    moveAll(engine);
    const filter: WorkerFilter = { type: "CreatedAt", comparator: "GreaterEqual", valueMs: 4000 };
    assert.deepEqual(
      listPage(engine, filter, "", 3).rows.map((row) => row.name),
      [nameAt(4001), nameAt(4002), nameAt(4003)],
    );
    assert.equal(listNames(engine, filter, 500).length, count - 4001);
    const early: WorkerFilter = { type: "CreatedAt", comparator: "Less", valueMs: 2500 };
    assert.equal(listNames(engine, early, 500).length, 2500);
  });
});
