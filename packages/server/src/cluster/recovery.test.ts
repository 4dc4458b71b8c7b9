import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { workerRow } from "../durability/row.ts";
import { emptyState } from "../durability/worker-state.ts";
import type { WorkerState } from "../durability/worker-state.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import type { Stores } from "../storage/storage-client.ts";
import { appendOf, componentA, componentB, openForTest, temporaryDirectory } from "../storage/test-fixtures.ts";
import type { ReplyValue } from "../worker/messages.ts";
import { recoverWorkers, workersToRecover } from "./recovery.ts";

const pending: WorkerState["pending"] = [
  {
    index: 2,
    timestampMs: 0,
    invocation: {
      tag: "function",
      val: {
        functionName: "run",
        idempotencyKey: "k",
        request: new Uint8Array(),
        trace: undefined,
        callers: undefined,
      },
    },
  },
];
const pendingUpdates: WorkerState["pendingUpdates"] = [
  { index: 2, timestampMs: 0, targetVersion: 1, snapshotBased: false, afterFailure: false },
];

function workerOf(workerName: string, componentId: string = componentA): WorkerId {
  return { componentId, workerName };
}

async function store(stores: Stores, worker: WorkerId, change: Partial<WorkerState>): Promise<void> {
  const row = workerRow({ ...emptyState(worker), ...change });
  await stores.oplogs.append(appendOf(worker.workerName, 1, { worker, row }));
}

/** Their names say where in the order they belong. */
async function fill(stores: Stores): Promise<void> {
  await store(stores, workerOf("4th"), { status: "Running", lastEntryMs: 100 });
  await store(stores, workerOf("2nd"), { status: "Retrying", lastEntryMs: 300 });
  await store(stores, workerOf("6th"), { pendingUpdates, lastEntryMs: 500 });
  await store(stores, workerOf("5th"), { pendingUpdates, lastEntryMs: 900 });
  await store(stores, workerOf("idle"), { lastEntryMs: 1000 });
  await store(stores, workerOf("failed"), { status: "Failed", pending, lastEntryMs: 1000 });
  await store(stores, workerOf("1st", componentB), { pending, lastEntryMs: 400 });
  await store(stores, workerOf("3rd", componentB), { status: "Suspended", pending, lastEntryMs: 200 });
}

const inOrder = ["1st", "2nd", "3rd", "4th", "5th", "6th"];

async function namesOf(stores: Stores): Promise<readonly string[]> {
  const workers = await workersToRecover(stores.workers, () => true);
  return workers.map(({ workerName }) => workerName);
}

describe("workersToRecover()", () => {
  it("begins with those that have an invocation, the last active first", async () => {
    const stores = createMemoryStorage().stores();
    await fill(stores);
    assert.deepEqual(await namesOf(stores), inOrder);
    const some = await workersToRecover(stores.workers, ({ componentId }) => componentId === componentB);
    assert.deepEqual(some, [workerOf("1st", componentB), workerOf("3rd", componentB)]);
  });

  it("does the same over the embedded storage, whether rows have been moved from the journal or not", async () => {
    for (const journalMoveBytes of [1, 1024 * 1024]) {
      await using directory = await temporaryDirectory();
      {
        await using opened = await openForTest(directory.path, { limits: { journalMoveBytes } });
        await fill(opened.client);
      }
      await using opened = await openForTest(directory.path, { limits: { journalMoveBytes } });
      assert.deepEqual(await namesOf(opened.client), inOrder);
    }
  });

  it("takes those whose rows don't tell when they were active by their age", async () => {
    const stores = createMemoryStorage().stores();
    const needing = (workerName: string, createdAtMs: number): Promise<void> =>
      store(stores, workerOf(workerName), { status: "Running", createdAtMs, lastEntryMs: 0 });
    await needing("old", 1);
    await needing("new", 2);
    const index = {
      needingRecovery: async (...asked: Parameters<typeof stores.workers.needingRecovery>) => {
        const workers = await stores.workers.needingRecovery(...asked);
        // The last field of a detail is the time: earlier releases ended before it.
        return workers.map(({ id, row }) => ({ id, row: { ...row, detail: row.detail.subarray(0, -9) } }));
      },
    };
    const workers = await workersToRecover(index, () => true);
    assert.deepEqual(workers, [workerOf("new"), workerOf("old")]);
  });
});

describe("recoverWorkers()", () => {
  it("has a few workers opened at a time, in order, and goes on after refusals", async () => {
    const workers = Array.from({ length: 30 }, (_, number) => workerOf(`w${number}`));
    const asked: WorkerId[] = [];
    const answers: ((failed: boolean) => void)[] = [];
    const request = (worker: WorkerId): Promise<ReplyValue> => {
      const { promise, resolve, reject } = Promise.withResolvers<ReplyValue>();
      asked.push(worker);
      answers.push((failed) => (failed ? reject(new Error("refused")) : resolve(undefined)));
      return promise;
    };
    const recovered = recoverWorkers(workers, { request });
    const atOnce = asked.length;
    assert.ok(atOnce < workers.length);
    for (let number = 0; number < workers.length; number += 1) {
      assert.ok(asked.length <= number + atOnce);
      answers[number]?.(number % 3 === 0);
      await turn();
    }
    await recovered;
    assert.deepEqual(asked, workers);
  });
});
