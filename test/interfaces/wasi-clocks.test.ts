/** wasi:clocks, and waiting for it by wasi:io/poll. */
import assert from "node:assert/strict";
import { threeWays } from "../support/three-ways.ts";

/** Monotonic and wall time in turn; neither goes back, across crashes too. */
function inOrder(moments: unknown): void {
  assert.ok(Array.isArray(moments));
  const times = moments.map(BigInt);
  for (const kind of [0, 1]) {
    const ofKind = times.filter((_time, index) => index % 2 === kind);
    assert.deepEqual(
      ofKind,
      ofKind.toSorted((a, b) => Number(a - b)),
    );
  }
}

threeWays("clocks", {
  sleeps: { call: "sleep", parameters: () => [5, 100], expected: 5, remembered: inOrder },
  "polls several": { call: "agree", expected: true, remembered: inOrder },
});
