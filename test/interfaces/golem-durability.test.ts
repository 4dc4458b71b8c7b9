/** golem:durability: a guest records calls of its own. */
import assert from "node:assert/strict";
import { threeWays } from "../support/three-ways.ts";
import type { Behaviour, Way } from "../support/three-ways.ts";

const drawn = (counter: string): Promise<unknown> =>
  suite.client.worker(suite.componentId, "reader").invoke("drawn", [counter], crypto.randomUUID());

/** Every number is another one; undisturbed, each call was performed once. */
function counted(times: number): Pick<Behaviour, "expected" | "verify"> {
  return {
    expected: (numbers: readonly number[]) => {
      assert.equal(numbers.length, times);
      assert.deepEqual(
        numbers,
        [...new Set(numbers)].toSorted((left, right) => left - right),
      );
    },
    verify: async (way: Way, worker: string) => {
      const performed = Number(await drawn(worker));
      if (way === "killed in the midst") assert.ok(performed >= times && performed <= 2 * times + 1);
      else assert.equal(performed, times);
    },
  };
}

const suite = threeWays("durability", {
  "calls of every class are performed once and read back": {
    call: "draw",
    parameters: (worker) => [worker, "read-remote", 6],
    ...counted(6),
  },
  "local writes": { call: "draw", parameters: (worker) => [worker, "write-local", 4], ...counted(4) },
  "remote writes": { call: "draw", parameters: (worker) => [worker, "write-remote", 4], ...counted(4) },
  "typed values": { call: "draw-typed", parameters: (worker) => [worker, 4], ...counted(4) },
  "a batch is repeated as a whole if it was cut off": {
    call: "batch",
    parameters: (worker) => [worker],
    ...counted(2),
  },
  "lazy pollables": { call: "lazy", expected: true },
});
