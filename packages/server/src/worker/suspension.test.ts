import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SuspendSignal } from "../durability/errors.ts";
import { servicesForTests, testWorker } from "./guest-for-tests.ts";
import { promiseTimer } from "./promise-timer.ts";
import { armSuspension, callsTimer, completePromise } from "./suspension.ts";

const promise = { worker: { ...testWorker, workerName: "owner" }, oplogIndex: 3 };
const nowMs = 50_000;

function setting(): { readonly services: ReturnType<typeof servicesForTests>; readonly notified: number[] } {
  const notified: number[] = [];
  const services = servicesForTests({ clock: { now: () => nowMs }, timerSet: (dueMs) => void notified.push(dueMs) });
  return { services, notified };
}

describe("armSuspension()", () => {
  it("sets the timer of a sleep, and says when that has passed already", async () => {
    const { services, notified } = setting();
    assert.equal(await armSuspension(testWorker, new SuspendSignal({ atMs: 60_000.5 }), services, 7), false);
    assert.deepEqual(await services.timers.due(60_001, 10), [{ worker: testWorker, name: "sleep", dueMs: 60_000.5 }]);
    assert.equal(await armSuspension(testWorker, new SuspendSignal({ atMs: 40_000 }), services, 7), true);
    assert.deepEqual(await services.timers.due(60_001, 10), [{ worker: testWorker, name: "sleep", dueMs: 40_000 }]);
    assert.deepEqual(notified, [60_000.5, 40_000]);
  });

  it("is woken by the promise's completion, whichever comes first", async () => {
    const { services, notified } = setting();
    await services.promises.create(promise);
    assert.equal(await armSuspension(testWorker, new SuspendSignal({ promise }), services, 7), false);
    assert.deepEqual(await services.timers.due(nowMs, 10), []);
    assert.equal(await completePromise(promise, Uint8Array.of(1), services), true);
    const due = [{ worker: testWorker, name: promiseTimer(promise), dueMs: nowMs }];
    assert.deepEqual(await services.timers.due(nowMs, 10), due);
    assert.deepEqual(notified, [nowMs]);
    // The other order: a worker that suspends for a promise that is complete needn't leave.
    const late = { ...testWorker, workerName: "late" };
    assert.equal(await armSuspension(late, new SuspendSignal({ promise }), services, 7), true);
  });

  it("needn't wait for a promise that is gone: awaiting it again fails", async () => {
    const { services } = setting();
    assert.equal(await armSuspension(testWorker, new SuspendSignal({ promise }), services, 7), true);
  });
});

describe("a worker that waits for calls", () => {
  it("is woken when one of them has settled, and at the next start if the process was lost", async () => {
    const woken = Promise.withResolvers<unknown>();
    const wakes: unknown[] = [];
    const { services } = setting();
    const wake = (worker: unknown): Promise<void> => {
      wakes.push(worker);
      woken.resolve(undefined);
      return Promise.resolve();
    };
    const first = Promise.withResolvers<void>();
    const signal = new SuspendSignal({
      calls: [first, Promise.withResolvers<void>()].map((call) => ({ settled: call.promise })),
    });
    assert.equal(await armSuspension(testWorker, signal, { ...services, wake }, 7), false);
    assert.deepEqual(await services.timers.due(nowMs, 10), []);
    await services.timers.trigger(callsTimer, nowMs);
    assert.equal((await services.timers.due(nowMs, 10)).length, 1);
    assert.deepEqual(wakes, []);
    first.resolve();
    await woken.promise;
    assert.deepEqual(wakes, [testWorker]);
  });

  it("keeps the timer of the next call that it suspends for while the wake of the last one is under way", async () => {
    const { services } = setting();
    const removed = Promise.withResolvers<void>();
    const timers = {
      ...services.timers,
      set: services.timers.set.bind(services.timers),
      remove: async (timer: Parameters<typeof services.timers.remove>[0]) => {
        const found = await services.timers.remove(timer);
        removed.resolve();
        return found;
      },
    };
    const never = { settled: Promise.withResolvers<void>().promise };
    // A wake resolves when the worker rests again: when it has suspended for another call.
    const wake = async (): Promise<void> => {
      await armSuspension(testWorker, new SuspendSignal({ calls: [never] }), services, 12);
    };
    const settled = { settled: Promise.resolve() };
    await armSuspension(testWorker, new SuspendSignal({ calls: [settled] }), { ...services, timers, wake }, 7);
    await removed.promise;
    await services.timers.trigger(callsTimer, nowMs);
    assert.equal((await services.timers.due(nowMs, 10)).length, 1);
  });
});

describe("completePromise()", () => {
  it("completes once, and tells an unknown promise", async () => {
    const { services, notified } = setting();
    assert.equal(await completePromise(promise, Uint8Array.of(1), services), undefined);
    await services.promises.create(promise);
    assert.equal(await completePromise(promise, Uint8Array.of(1), services), true);
    assert.equal(await completePromise(promise, Uint8Array.of(2), services), false);
    const state = await services.promises.get(promise);
    assert.deepEqual(state, { kind: "completed", data: Uint8Array.of(1) });
    assert.deepEqual(notified, []);
  });
});
