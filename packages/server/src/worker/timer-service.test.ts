import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import type { Timer } from "./stores.ts";
import { TimerService } from "./timer-service.ts";

const worker = { componentId: "c", workerName: "w" };
const timer = (name: string, dueMs: number): Timer => ({ worker, name, dueMs });
const settled = (): Promise<void> => setImmediate();

/** A service on simulated time: sleeps end when the test moves the clock beyond them. */
class Setting {
  nowMs = 1000;
  readonly timers = createMemoryStorage().stores().timers;
  readonly ran: Timer[] = [];
  readonly errors: unknown[] = [];
  failures = 0;
  whileLooking: () => void = () => undefined;
  readonly #sleeps = new Set<{ readonly untilMs: number; readonly end: () => void }>();
  readonly service: TimerService = new TimerService({
    timers: {
      ...this.timers,
      due: async (untilMs, count) => {
        const due = await this.timers.due(untilMs, count);
        this.whileLooking();
        return due;
      },
    },
    clock: { now: () => this.nowMs },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeping = { untilMs: this.nowMs + ms, end: resolve };
        this.#sleeps.add(sleeping);
        signal.addEventListener("abort", () => {
          this.#sleeps.delete(sleeping);
          resolve();
        });
      }),
    run: (given) => {
      if (this.failures-- > 0) return Promise.reject(new Error("refused"));
      this.ran.push(given);
      return Promise.resolve();
    },
    onError: (error) => void this.errors.push(error),
  });

  /** Lets time pass to `untilMs`, and all that comes of it happen. */
  async passTo(untilMs: number): Promise<void> {
    for (;;) {
      await settled();
      await settled();
      const next = [...this.#sleeps].filter((sleeping) => sleeping.untilMs <= untilMs);
      const [first] = next.toSorted((left, right) => left.untilMs - right.untilMs);
      if (first === undefined) break;
      this.nowMs = Math.max(this.nowMs, first.untilMs);
      this.#sleeps.delete(first);
      first.end();
    }
    this.nowMs = untilMs;
  }
}

describe("TimerService", () => {
  it("runs what fell due while it was down, in order, and then what comes", async () => {
    const setting = new Setting();
    for (const given of [timer("late", 5000), timer("b", 20), timer("a", 10)]) await setting.timers.set(given);
    setting.service.start();
    await setting.passTo(1000);
    assert.deepEqual(setting.ran, [timer("a", 10), timer("b", 20)]);
    await setting.passTo(4999);
    assert.equal(setting.ran.length, 2);
    await setting.passTo(5000);
    assert.deepEqual(setting.ran.at(-1), timer("late", 5000));
    assert.deepEqual(await setting.timers.due(1e9, 10), []);
  });

  it("finds what falls due while it looks", async () => {
    const setting = new Setting();
    await setting.timers.set(timer("close", 1000.5));
    setting.whileLooking = () => {
      setting.nowMs = 1001;
    };
    setting.service.start();
    await setting.passTo(1002);
    assert.deepEqual(setting.ran, [timer("close", 1000.5)]);
  });

  it("looks sooner when a sooner timer is set", async () => {
    const setting = new Setting();
    await setting.timers.set(timer("late", 90_000));
    setting.service.start();
    await setting.passTo(1500);
    await setting.timers.set(timer("soon", 2000));
    setting.service.notify(2000);
    await setting.passTo(2000);
    assert.deepEqual(setting.ran, [timer("soon", 2000)]);
  });

  it("keeps a timer that could not be run, and tries again", async () => {
    const setting = new Setting();
    setting.failures = 1;
    await setting.timers.set(timer("a", 10));
    setting.service.start();
    await setting.passTo(1000);
    assert.equal(setting.errors.length, 1);
    assert.equal((await setting.timers.due(1000, 10)).length, 1);
    await setting.timers.set(timer("b", 1500));
    setting.service.notify(1500);
    await setting.passTo(1500);
    assert.deepEqual(setting.ran, [timer("b", 1500)]);
    await setting.passTo(2000);
    assert.deepEqual(setting.ran, [timer("b", 1500), timer("a", 10)]);
    assert.equal(setting.errors.length, 1);
  });

  it("keeps a timer that was set anew while it ran", async () => {
    const setting = new Setting();
    await setting.timers.set(timer("a", 10));
    const { timers } = setting;
    const run = Promise.withResolvers<void>();
    const service = new TimerService({
      timers,
      clock: { now: () => 1000 },
      sleep: () => Promise.resolve(),
      run: () => run.promise,
      onError: (error) => assert.fail(String(error)),
    });
    service.start();
    await settled();
    await timers.set(timer("a", 5000));
    service.stop();
    run.resolve();
    await settled();
    assert.deepEqual(await timers.due(1e9, 10), [timer("a", 5000)]);
  });

  it("runs more timers than one look takes", async () => {
    const setting = new Setting();
    for (let index = 0; index < 2500; index += 1) await setting.timers.set(timer(`t${index}`, index / 10));
    setting.service.start();
    await setting.passTo(1000);
    assert.equal(setting.ran.length, 2500);
  });

  it("runs nothing once stopped", async () => {
    const setting = new Setting();
    await setting.timers.set(timer("a", 2000));
    setting.service.start();
    setting.service.stop();
    setting.service.notify(0);
    await setting.passTo(3000);
    assert.deepEqual(setting.ran, []);
  });
});
