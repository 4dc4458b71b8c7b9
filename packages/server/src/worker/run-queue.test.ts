import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { newRunner, RunQueue } from "./run-queue.ts";
import type { Runner } from "./run-queue.ts";

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A runner that takes `turns` turns of `sliceMs`, and notes each. */
async function run(
  queue: RunQueue,
  name: string,
  given: { turns: number; sliceMs: number; noted: string[] },
): Promise<void> {
  const runner: Runner = newRunner();
  for (let count = 0; count < given.turns; count++) {
    await queue.turn(runner, given.sliceMs);
    given.noted.push(name);
  }
}

describe("RunQueue", () => {
  it("gives one turn at a time: others of the thread have theirs in between", async () => {
    const events: string[] = [];
    const others = async (): Promise<void> => {
      await turn();
      events.push("others");
    };
    const queue = new RunQueue(others, () => 0);
    const given = { turns: 2, sliceMs: 5, noted: events };
    await Promise.all([run(queue, "a", given), run(queue, "b", given)]);
    assert.deepEqual(events, ["others", "a", "others", "b", "others", "a", "others", "b"]);
  });

  it("gives more turns to calls that have not run for long", async () => {
    const queue = new RunQueue(turn, () => 0);
    const noted: string[] = [];
    const old = newRunner();
    old.ranMs = 5000;
    const long = async (): Promise<void> => {
      while (!noted.includes("done")) {
        await queue.turn(old, 5);
        noted.push("long");
      }
    };
    const short = run(queue, "short", { turns: 8, sliceMs: 5, noted }).then(() => void noted.push("done"));
    await Promise.all([long(), short]);
    const before = noted.slice(0, noted.indexOf("done"));
    assert.ok(before.filter((name) => name === "long").length <= 2, before.join());
  });

  it("lets nobody starve, and nobody catch up on what was before it came", async () => {
    const queue = new RunQueue(turn, () => 0);
    const noted: string[] = [];
    await run(queue, "first", { turns: 20, sliceMs: 100, noted });
    noted.length = 0;
    const given = { turns: 40, sliceMs: 100, noted };
    await Promise.all([run(queue, "one", given), run(queue, "two", given)]);
    const early = noted.slice(0, 40).filter((name) => name === "one").length;
    assert.ok(early >= 15 && early <= 25, `${early} of the first 40 turns`);
  });

  it("knows how many wait", async () => {
    const queue = new RunQueue(turn, () => 0);
    const waiting = [queue.turn(newRunner(), 1), queue.turn(newRunner(), 1)];
    assert.equal(queue.length, 2);
    await Promise.all(waiting);
    assert.equal(queue.length, 0);
  });

  it("gives short slices while requests come", () => {
    let nowMs = 1000;
    const queue = new RunQueue(turn, () => nowMs);
    assert.equal(queue.sliceMs(5), 5);
    queue.requested();
    assert.equal(queue.sliceMs(5), 1);
    nowMs += 100;
    assert.equal(queue.sliceMs(5), 5);
  });
});
