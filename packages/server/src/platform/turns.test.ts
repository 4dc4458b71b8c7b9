import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Turns } from "./turns.ts";

/** Work that goes on until it is told to end. */
function piece(turns: Turns, log: string[], name: string, signal?: AbortSignal): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = turns.run(async () => {
    log.push(name);
    await promise;
  }, signal);
  run.catch(() => undefined);
  return async () => {
    resolve();
    await run;
  };
}

describe("Turns", () => {
  it("runs so many at a time, the others in order", async () => {
    const turns = new Turns(2);
    const log: string[] = [];
    const ends = ["a", "b", "c", "d"].map((name) => piece(turns, log, name));
    assert.deepEqual(log, ["a", "b"]);
    await ends[1]?.();
    assert.deepEqual(log, ["a", "b", "c"]);
    await ends[0]?.();
    await ends[2]?.();
    await ends[3]?.();
    assert.deepEqual(log, ["a", "b", "c", "d"]);
    await piece(turns, log, "e")();
  });

  it("goes on after work that failed", async () => {
    const turns = new Turns(1);
    await assert.rejects(
      turns.run(() => Promise.reject(new Error("no"))),
      /no/u,
    );
    assert.equal(await turns.run(async () => 1), 1);
  });

  it("lets go of those that give up", async () => {
    const turns = new Turns(1);
    const log: string[] = [];
    const ended = new AbortController();
    const end = piece(turns, log, "a");
    const given = turns.run(async () => log.push("b"), ended.signal);
    const after = piece(turns, log, "c");
    ended.abort(new Error("gone"));
    await assert.rejects(given, /gone/u);
    await assert.rejects(
      turns.run(async () => log.push("d"), ended.signal),
      /gone/u,
    );
    await end();
    await after();
    assert.deepEqual(log, ["a", "c"]);
  });
});
