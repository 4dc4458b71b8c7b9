import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Recoveries } from "./recoveries.ts";

const worker = { componentId: "00000000-0000-4000-8000-000000000000", workerName: "w" };

describe("Recoveries", () => {
  it("tries ever more seldom until it succeeds, once for each worker", async () => {
    const slept: number[] = [];
    let activations = 0;
    const done = Promise.withResolvers<void>();
    const recoveries = new Recoveries({
      sleep: (ms) => {
        slept.push(ms);
        return Promise.resolve();
      },
      signal: new AbortController().signal,
      activate: () => {
        activations += 1;
        // Refused again: it is under way already.
        recoveries.schedule(worker);
        if (activations < 9) return Promise.reject(new Error("the disk is full"));
        done.resolve();
        return Promise.resolve();
      },
    });
    recoveries.schedule(worker);
    recoveries.schedule(worker);
    await done.promise;
    await turn();
    assert.deepEqual(slept, [1000, 2000, 4000, 8000, 10_000, 10_000, 10_000, 10_000, 10_000]);
    assert.equal(activations, 9);
    recoveries.schedule(worker);
    await turn();
    assert.equal(activations, 10);
  });

  it("ends with its signal", async () => {
    const end = new AbortController();
    let activations = 0;
    const recoveries = new Recoveries({
      sleep: () => {
        end.abort();
        return Promise.resolve();
      },
      signal: end.signal,
      activate: () => {
        activations += 1;
        return Promise.resolve();
      },
    });
    recoveries.schedule(worker);
    await turn();
    assert.equal(activations, 0);
  });
});
