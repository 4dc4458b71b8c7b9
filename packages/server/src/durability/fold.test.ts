import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { unit } from "./codec/schema.ts";
import { durableFunction } from "./durable-function.ts";
import { activePluginsWithout } from "./active-plugins.ts";
import { isDeleted } from "./deleted-regions.ts";
import { framesOf } from "./oplog/decode-entry.ts";
import { foldOplog, lostInvocation, retryPolicyInForce } from "./fold.ts";
import { comparableState, createFields, testWorkerId, TestOplog } from "./oplog-for-tests.ts";
import type { EntryFields, PluginDescription } from "./oplog/entry-types.ts";
import type { OplogChunk } from "./oplog-store.ts";
import { Outcomes } from "./outcomes.ts";
import type { OplogWriter } from "./oplog-writer.ts";
import { defaultRetryPolicy } from "./retry-policy.ts";
import { isProcessed, snapshotIndex } from "./worker-state.ts";
import { decodeDetail, needsRecovery, workerDetail, workerRow } from "./row.ts";
import type { WorkerState } from "./worker-state.ts";

const read = durableFunction({ name: "fold.test::read", class: "local-read", request: unit, response: unit });

const invocation = (key: string): EntryFields<"exported-function-invoked"> => ({
  functionName: "f",
  idempotencyKey: key,
  request: new Uint8Array(0),
  trace: undefined,
  callers: undefined,
});
const failure = { message: "boom", retriable: true, outOfMemory: false, progress: 1, usage: undefined };

/** One step of a random history; each does what a worker in that state may do, or nothing. */
type Step = (writer: OplogWriter, state: WorkerState, number: number) => void;

const inInvocation =
  (step: Step): Step =>
  (writer, state, number) => {
    if (state.current !== undefined) step(writer, state, number);
  };

/** A failed worker that is to be updated runs again only when the update has ended. */
const jumping = (step: Step): Step =>
  inInvocation((writer, state, number) => {
    if (!state.pendingUpdates.some(({ afterFailure }) => afterFailure)) step(writer, state, number);
  });

/** Voids everything from some entry of the current invocation on. */
const jumpBack = jumping((writer, state, number) => {
  const first = (state.current?.index ?? 0) + 1;
  const start = first + (number % (state.lastIndex - first + 2));
  writer.append("jump", { region: { start, end: writer.nextIndex } });
});

/** Voids everything from anywhere on, as far back as the first invocation. */
const jumpFar = jumping((writer, state, number) => {
  const start = 3 + (number % Math.max(state.lastIndex - 2, 1));
  writer.append("jump", { region: { start, end: writer.nextIndex } });
});

/** What an operator takes back: anything since the first invocation that isn't void yet. */
const revertBack: Step = (writer, state, number) => {
  const start = 3 + (number % Math.max(state.lastIndex - 2, 1));
  if (isDeleted(state.deletedRegions, start - 1)) return;
  const midst = state.snapshots.find(({ index, since }) => index < start - 1 && start - 1 < since);
  const region = { start: (midst?.index ?? start - 1) + 1, end: state.lastIndex };
  const active = activePluginsWithout(state.pluginChanges, region);
  if (state.pendingUpdates[0]?.snapshotBased === true && state.pendingUpdates[0].index >= region.start) {
    writer.append("failed-update", { targetVersion: 1, details: "reverted" });
  }
  writer.append("revert", { region, operation: undefined, activePlugins: active });
};

const pluginOf = (installationId: string): PluginDescription => ({
  installationId,
  name: "p",
  version: "1",
  parameters: [],
  processor: undefined,
});

const steps: readonly Step[] = [
  (writer, state, number) => {
    if (state.current === undefined && state.status !== "Exited") {
      const queued = state.pending[0]?.invocation;
      const key = queued?.tag === "function" ? queued.val.idempotencyKey : `direct-${number}-${writer.nextIndex}`;
      writer.append("exported-function-invoked", invocation(key));
    }
  },
  inInvocation((writer, _state, number) => {
    const usage = { fuel: number, cpuMs: number / 2 };
    writer.append("exported-function-completed", { response: new Uint8Array(1), consumedFuel: 1, usage });
  }),
  inInvocation((writer) => {
    writer.appendImported({ function: read, request: [], response: [], beginIndex: 0 });
  }),
  inInvocation((writer) => void writer.append("no-op", {})),
  inInvocation((writer) => void writer.append("begin-atomic-region", {})),
  inInvocation((writer, state, number) => {
    writer.append("end-atomic-region", { beginIndex: number % (state.lastIndex + 1) });
  }),
  inInvocation((writer, _state, number) => {
    const usage = number % 2 === 0 ? { fuel: number, cpuMs: 1 } : undefined;
    writer.append("error", { ...failure, progress: number % 3, usage });
  }),
  inInvocation((writer) => void writer.append("suspend", {})),
  inInvocation((writer) => void writer.append("interrupted", {})),
  inInvocation((writer) => void writer.append("resumed", {})),
  inInvocation((writer, _state, number) => {
    writer.append("change-retry-policy", { policy: { ...defaultRetryPolicy, maxAttempts: number % 4 } });
  }),
  (writer, _state, number) => {
    writer.append("pending-worker-invocation", {
      invocation: { tag: "function", val: invocation(`queued-${number}`) },
    });
  },
  (writer, state) => {
    const queued = state.pending.at(-1)?.invocation;
    if (queued?.tag !== "function") return;
    writer.append("cancel-pending-invocation", { idempotencyKey: queued.val.idempotencyKey });
  },
  (writer, _state, number) => void writer.append("grow-memory", { delta: number }),
  (writer, _state, number) => void writer.append("create-resource", { resourceId: number % 5 }),
  (writer) => void writer.append("log", { level: "info", context: "", message: "m" }),
  jumpBack,
  jumpFar,
  revertBack,
  (writer, state, number) => {
    if (state.pendingUpdates.length > 0) return;
    const carried = number % 2 === 0 && state.current === undefined && state.status === "Idle";
    const description = carried
      ? { tag: "snapshotBased" as const, val: new Uint8Array(1) }
      : { tag: "automatic" as const, val: undefined };
    writer.append("pending-update", { targetVersion: number, description, operation: undefined, files: undefined });
  },
  (writer, state, number) => {
    const targetVersion = state.pendingUpdates[0]?.targetVersion;
    if (targetVersion === undefined) return;
    const activePlugins = number % 2 === 0 ? [pluginOf(`${number % 3}`)] : undefined;
    if (number % 5 === 0) writer.append("failed-update", { targetVersion, details: "no" });
    else writer.append("successful-update", { targetVersion, componentSize: number, activePlugins });
  },
  (writer, _state, number) => {
    const kind = number % 2 === 0 ? "activate-plugin" : "deactivate-plugin";
    writer.append(kind, { plugin: pluginOf(`${number % 3}`) });
  },
];

function snapshot(state: WorkerState): WorkerState {
  const { outcomes, ...rest } = state;
  return { ...structuredClone(rest), outcomes: new Outcomes(structuredClone(outcomes.save())) };
}

/** What was folded at each commit, and the chunks that hold the entries. */
async function history(
  choices: readonly (readonly [step: number, number: number])[],
): Promise<{ readonly chunks: readonly OplogChunk[]; readonly folded: readonly WorkerState[] }> {
  const oplog = new TestOplog();
  const state = oplog.fold();
  const writer = oplog.writer(state);
  const folded: WorkerState[] = [];
  const note = async (): Promise<void> => {
    await writer.commit();
    oplog.clock.ms += 1;
    if (folded.length < oplog.chunks.length) folded.push(snapshot(state));
  };
  writer.append("create", createFields);
  await note();
  writer.append("exported-function-invoked", invocation("first"));
  await note();
  for (const [step, number] of choices) {
    steps[step]?.(writer, state, number);
    await note();
  }
  return { chunks: oplog.chunks, folded };
}

function reverted(chunks: readonly OplogChunk[]): boolean {
  return chunks.some((chunk) => [...framesOf(chunk)].some(({ kind }) => kind === "revert"));
}

function grants({ totalMemorySize, resources, snapshots }: WorkerState): Partial<WorkerState> {
  return { totalMemorySize, resources, snapshots };
}

const choices = fc.array(fc.tuple(fc.nat({ max: steps.length - 1 }), fc.nat({ max: 1000 })), { maxLength: 60 });

describe("foldOplog()", () => {
  it("agrees with the fold entry by entry at every index", async () => {
    await fc.assert(
      fc.asyncProperty(choices, async (given) => {
        const { chunks, folded } = await history(given);
        for (const [position, state] of folded.entries()) {
          const whole = foldOplog(testWorkerId, chunks.slice(0, position + 1), () => undefined);
          if (state.jumpedOut) {
            // Which invocation is current now only a fold of everything can tell, and a worker reads it then.
            assert.equal(needsRecovery(state), true);
            return;
          }
          // A revert has the oplog read anew; what was granted before is not told entry by entry.
          const granted = reverted(chunks.slice(0, position + 1)) ? grants(whole) : {};
          assert.deepEqual(comparableState(whole), { ...comparableState(state), ...granted });
        }
      }),
      {
        numRuns: 1000,
        examples: [
          // An error that doesn't say what was used, after a completion that does.
          [
            [
              [1, 1],
              [0, 0],
              [6, 3],
            ],
          ],
          // An invocation that was interrupted and jumps into the one before it.
          [
            [
              [1, 0],
              [0, 0],
              [8, 0],
              [16, 0],
            ],
          ],
          // The second end of a region is void, the first isn't.
          [
            [
              [5, 512],
              [5, 758],
              [15, 328],
            ],
          ],
        ],
      },
    );
  });

  it("returns to an earlier invocation by a jump into it, and queues again what was accepted after it", async () => {
    const oplog = new TestOplog();
    const writer = oplog.writer();
    writer.append("create", createFields);
    writer.append("exported-function-invoked", invocation("a"));
    const noOp = writer.append("no-op", {});
    writer.append("pending-worker-invocation", { invocation: { tag: "function", val: invocation("b") } });
    writer.append("exported-function-completed", { response: new Uint8Array(0), consumedFuel: 0, usage: undefined });
    writer.append("exported-function-invoked", invocation("b"));
    writer.append("jump", { region: { start: noOp + 1, end: writer.nextIndex } });
    await writer.commit();
    const state = oplog.fold();
    assert.equal(state.current?.idempotencyKey, "a");
    assert.equal(state.status, "Running");
    assert.equal(state.outcomes.size, 0);
    assert.equal(state.pending.length, 1);
  });
});

describe("applyEntry()", () => {
  const start = (): { readonly oplog: TestOplog; readonly state: WorkerState; readonly writer: OplogWriter } => {
    const oplog = new TestOplog();
    const state = oplog.fold();
    const writer = oplog.writer(state);
    writer.append("create", createFields);
    return { oplog, state, writer };
  };

  it("follows one invocation through its statuses", () => {
    const { state, writer } = start();
    const seen = [state.status];
    const note = (): void => void seen.push(state.status);
    writer.append("exported-function-invoked", invocation("a"));
    note();
    writer.append("suspend", {});
    note();
    writer.append("no-op", {});
    note();
    writer.append("interrupted", {});
    note();
    writer.append("resumed", {});
    note();
    writer.append("error", failure);
    note();
    writer.append("no-op", {});
    note();
    writer.append("exported-function-completed", { response: new Uint8Array(0), consumedFuel: 0, usage: undefined });
    note();
    writer.append("log", { level: "info", context: "", message: "late" });
    note();
    assert.deepEqual(seen, [
      "Idle",
      "Running",
      "Suspended",
      "Running",
      "Interrupted",
      "Running",
      "Retrying",
      "Running",
      "Idle",
      "Idle",
    ]);
  });

  it("retries three times, and keeps the failure for the invocation's key", () => {
    const { state, writer } = start();
    writer.append("exported-function-invoked", invocation("a"));
    const statuses = [1, 2, 3, 4].map(() => {
      writer.append("error", failure);
      return state.status;
    });
    assert.deepEqual(statuses, ["Retrying", "Retrying", "Retrying", "Failed"]);
    assert.equal(state.outcomes.get("a")?.kind, "failed");
    assert.equal(needsRecovery(state), false);
  });

  it("counts attempts anew only for a run that came further", () => {
    const { state, writer } = start();
    writer.append("exported-function-invoked", invocation("a"));
    const counts = [1, 1, 0, 5, 5, 6].map((progress) => {
      writer.append("error", { ...failure, progress });
      writer.append("no-op", {});
      return state.retryCount;
    });
    assert.deepEqual(counts, [1, 2, 3, 1, 2, 1]);
  });

  it("retries memory that isn't there without end, and what can't be retried not at all", () => {
    const { state, writer } = start();
    writer.append("exported-function-invoked", invocation("a"));
    for (let attempt = 0; attempt < 10; attempt += 1) writer.append("error", { ...failure, outOfMemory: true });
    assert.equal(state.status, "Retrying");
    writer.append("error", { ...failure, retriable: false });
    assert.equal(state.status, "Failed");
  });

  it("gives up at a restart what was under way, but for what has its outcome", async () => {
    const { oplog, state, writer } = start();
    writer.append("exported-function-invoked", invocation("lost"));
    writer.append("create-resource", { resourceId: 0 });
    writer.append("pending-worker-invocation", { invocation: { tag: "function", val: invocation("queued") } });
    const restart = writer.append("restart", {});
    assert.deepEqual(
      [state.status, state.current, state.pending.length, state.resources.size],
      ["Idle", undefined, 1, 0],
    );
    assert.deepEqual(state.outcomes.get("lost"), { kind: "failed", index: restart, message: lostInvocation });
    writer.append("exported-function-invoked", invocation("queued"));
    const error = writer.append("error", { ...failure, retriable: false });
    assert.equal(state.status, "Failed");
    writer.append("restart", {});
    assert.equal(state.status, "Idle");
    assert.deepEqual(state.outcomes.get("queued"), { kind: "failed", index: error, message: "boom" });
    await writer.commit();
    assert.deepEqual(oplog.fold().outcomes.save(), state.outcomes.save());
  });

  it("takes back a policy that was changed in a region that is void", () => {
    const { state, writer } = start();
    writer.append("exported-function-invoked", invocation("a"));
    const policy = { ...defaultRetryPolicy, maxAttempts: 9 };
    const index = writer.append("change-retry-policy", { policy });
    assert.equal(retryPolicyInForce(state).maxAttempts, 9);
    writer.append("jump", { region: { start: index, end: writer.nextIndex } });
    assert.equal(retryPolicyInForce(state).maxAttempts, 3);
  });

  it("keeps resources, memory, exits and cancellations", () => {
    const { state, writer } = start();
    writer.append("grow-memory", { delta: 10 });
    writer.append("create-resource", { resourceId: 0 });
    writer.append("create-resource", { resourceId: 1 });
    writer.append("describe-resource", { resourceId: 1, resourceName: "r", parameters: ["1"] });
    writer.append("drop-resource", { resourceId: 0 });
    writer.append("pending-worker-invocation", { invocation: { tag: "function", val: invocation("q") } });
    assert.equal(needsRecovery(state), true);
    writer.append("cancel-pending-invocation", { idempotencyKey: "q" });
    writer.append("exported-function-invoked", invocation("a"));
    writer.append("exited", { exitCode: 2 });
    assert.equal(state.totalMemorySize, 65_546);
    assert.deepEqual([...state.resources.keys()], [1]);
    assert.deepEqual(state.resources.get(1)?.indexed, { resourceName: "r", parameters: ["1"] });
    assert.equal(state.outcomes.get("q")?.kind, "cancelled");
    assert.equal(state.outcomes.get("a")?.kind, "exited");
    assert.equal(state.status, "Exited");
  });

  it("gives updates in the order in which they end", () => {
    const { state, writer } = start();
    const description = { tag: "automatic", val: undefined } as const;
    for (const targetVersion of [1, 2, 3])
      writer.append("pending-update", { targetVersion, description, operation: undefined, files: undefined });
    writer.append("successful-update", { targetVersion: 1, componentSize: 20, activePlugins: undefined });
    writer.append("failed-update", { targetVersion: 2, details: "no" });
    assert.equal(state.componentVersion, 1);
    assert.equal(state.componentSize, 20);
    assert.deepEqual(
      state.pendingUpdates.map((update) => update.targetVersion),
      [3],
    );
    assert.deepEqual(
      state.finishedUpdates.map((update) => update.kind),
      ["successful", "failed"],
    );
  });

  it("switches plugins on and off; a revert leaves them as they are", () => {
    const { state, writer } = start();
    const ids = (): readonly string[] => state.activePlugins.map((plugin) => plugin.installationId);
    const plugin = { installationId: "a", name: "p", version: "1", parameters: [], processor: undefined };
    const processing = { ...plugin, installationId: "b", processor: { componentId: "c", componentVersion: 0 } };
    assert.deepEqual([ids(), isProcessed(state)], [[], false]);
    writer.append("activate-plugin", { plugin });
    writer.append("activate-plugin", { plugin });
    assert.deepEqual([ids(), isProcessed(state)], [["a"], false]);
    writer.append("activate-plugin", { plugin: processing });
    assert.deepEqual([ids(), isProcessed(state)], [["a", "b"], true]);
    writer.append("deactivate-plugin", { plugin });
    const region = { start: 2, end: state.lastIndex };
    writer.append("revert", { region, operation: undefined, activePlugins: undefined });
    assert.deepEqual([ids(), workerDetail(state).activePlugins], [["b"], ["b"]]);
    writer.append("successful-update", { targetVersion: 1, componentSize: 20, activePlugins: undefined });
    assert.deepEqual(ids(), ["b"]);
    writer.append("successful-update", { targetVersion: 2, componentSize: 20, activePlugins: [plugin] });
    assert.deepEqual([ids(), isProcessed(state)], [["a"], false]);
  });
});

describe("a revert", () => {
  const automatic = { tag: "automatic", val: undefined } as const;
  const saved = { tag: "snapshotBased", val: new Uint8Array(1) } as const;

  /** A worker of version 0 that came to version 2 by two snapshots, with an invocation by each version. */
  async function updatedTwice(): Promise<{ readonly oplog: TestOplog; readonly ends: readonly number[] }> {
    const oplog = new TestOplog();
    const writer = oplog.writer();
    const ends: number[] = [];
    const invoke = (key: string): void => {
      writer.append("exported-function-invoked", invocation(key));
      ends.push(
        writer.append("exported-function-completed", {
          response: new Uint8Array(0),
          consumedFuel: 0,
          usage: undefined,
        }),
      );
    };
    writer.append("create", { ...createFields, activePlugins: [pluginOf("zero")] });
    writer.append("create-resource", { resourceId: 1 });
    invoke("a");
    for (const targetVersion of [1, 2]) {
      writer.append("pending-update", { targetVersion, description: saved, operation: undefined, files: undefined });
      const activePlugins = [pluginOf(`${targetVersion}`)];
      writer.append("successful-update", { targetVersion, componentSize: targetVersion, activePlugins });
      writer.append("create-resource", { resourceId: 1 });
      writer.append("grow-memory", { delta: 10 });
      invoke(`v${targetVersion}`);
    }
    await writer.commit();
    return { oplog, ends };
  }

  async function revertTo(oplog: TestOplog, last: number): Promise<WorkerState> {
    const state = oplog.fold();
    const writer = oplog.writer(state);
    const region = { start: last + 1, end: state.lastIndex };
    const activePlugins = activePluginsWithout(state.pluginChanges, region);
    writer.append("revert", { region, operation: undefined, activePlugins });
    await writer.commit();
    const { lastEntryMs: _, ...whole } = oplog.fold();
    for (const key of ["snapshots", "componentVersion", "activePlugins", "status"] as const) {
      assert.deepEqual(state[key], whole[key], key);
    }
    return oplog.fold();
  }

  it("behind snapshots leaves what was before them", async () => {
    const { oplog, ends } = await updatedTwice();
    const state = oplog.fold();
    const [first = 0, second = 0] = ends;
    const ids = (of: WorkerState): readonly string[] => of.activePlugins.map(({ installationId }) => installationId);
    const told = (of: WorkerState): unknown => [
      of.componentVersion,
      of.snapshots.length,
      of.finishedUpdates.length,
      ids(of),
      of.totalMemorySize,
      [...of.resources.values()].map(({ index }) => index),
      ["a", "v1", "v2"].filter((key) => of.outcomes.has(key)),
      of.outcomes.size,
    ];
    const memory = createFields.initialMemorySize;
    assert.deepEqual(told(state), [2, 2, 2, ["2"], memory + 20, [second + 3], ["a", "v1", "v2"], 3]);
    assert.deepEqual(told(await revertTo(oplog, second)), [1, 1, 1, ["1"], memory + 10, [first + 3], ["a", "v1"], 2]);
    assert.deepEqual(told(await revertTo(oplog, first)), [0, 0, 0, ["zero"], memory, [2], ["a"], 1]);
  });

  it("behind both at once does the same, and an update after it begins with its own snapshot", async () => {
    const { oplog, ends } = await updatedTwice();
    const state = await revertTo(oplog, ends[0] ?? 0);
    assert.deepEqual([state.componentVersion, snapshotIndex(state)], [0, undefined]);
    const writer = oplog.writer(state);
    const index = writer.append("pending-update", {
      targetVersion: 2,
      description: saved,
      operation: undefined,
      files: undefined,
    });
    writer.append("successful-update", { targetVersion: 2, componentSize: 2, activePlugins: undefined });
    await writer.commit();
    const again = oplog.fold();
    assert.deepEqual([again.componentVersion, snapshotIndex(again), again.finishedUpdates.length], [2, index, 1]);
  });

  it("finds the invocation under way again behind a snapshot, whatever ended later", async () => {
    const oplog = new TestOplog();
    const writer = oplog.writer();
    writer.append("create", createFields);
    writer.append("exported-function-invoked", invocation("a"));
    const noOp = writer.append("no-op", {});
    writer.append("exported-function-completed", { response: new Uint8Array(0), consumedFuel: 0, usage: undefined });
    writer.append("pending-update", { targetVersion: 1, description: saved, operation: undefined, files: undefined });
    writer.append("successful-update", { targetVersion: 1, componentSize: 1, activePlugins: undefined });
    writer.append("exported-function-invoked", invocation("b"));
    writer.append("exited", { exitCode: 1 });
    await writer.commit();
    const state = await revertToIn(oplog, noOp);
    assert.equal(state.current?.idempotencyKey, "a");
    assert.deepEqual([state.status, state.outcomes.size], ["Running", 0]);
  });

  it("keeps an update that is still to come, which no longer finds the worker failed", async () => {
    const oplog = new TestOplog();
    const writer = oplog.writer();
    writer.append("create", createFields);
    writer.append("exported-function-invoked", invocation("a"));
    writer.append("error", { ...failure, retriable: false });
    writer.append("pending-update", {
      targetVersion: 1,
      description: automatic,
      operation: undefined,
      files: undefined,
    });
    await writer.commit();
    const state = await revertTo(oplog, 1);
    assert.deepEqual([state.pendingUpdates.length, state.status], [1, "Idle"]);
    oplog.writer(state).append("failed-update", { targetVersion: 1, details: "no" });
    assert.equal(state.status, "Idle");
  });

  it("keeps what operators switched since", () => {
    const oplog = new TestOplog();
    const state = oplog.fold();
    const writer = oplog.writer(state);
    writer.append("create", createFields);
    writer.append("successful-update", { targetVersion: 1, componentSize: 1, activePlugins: [pluginOf("b")] });
    writer.append("activate-plugin", { plugin: pluginOf("a") });
    const ids = activePluginsWithout(state.pluginChanges, { start: 2, end: 3 }).map((item) => item.installationId);
    assert.deepEqual(ids, ["a"]);
  });

  /** The same where the fold entry by entry can't tell what goes on. */
  async function revertToIn(oplog: TestOplog, last: number): Promise<WorkerState> {
    const state = oplog.fold();
    const writer = oplog.writer(state);
    const region = { start: last + 1, end: state.lastIndex };
    writer.append("revert", { region, operation: undefined, activePlugins: undefined });
    assert.equal(needsRecovery(state), true);
    await writer.commit();
    return oplog.fold();
  }
});

describe("workerRow()", () => {
  it("holds what can be told of the worker", async () => {
    const { folded } = await history(
      Array.from({ length: steps.indexOf(revertBack) }, (_, step) => [step, step] as const),
    );
    for (const state of folded) {
      const row = workerRow(state);
      assert.equal(row.status, state.status);
      const { versions = [], ...detail } = decodeDetail(row);
      assert.deepEqual({ ...detail, versions: [...versions] }, workerDetail(state));
    }
  });
});
