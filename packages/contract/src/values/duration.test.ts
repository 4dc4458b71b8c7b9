import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatDuration } from "./duration.ts";

describe("formatDuration()", () => {
  const durations: readonly (readonly [nanoseconds: bigint, text: string])[] = [
    [0n, "0s"],
    [1n, "1ns"],
    [100_000_000n, "100ms"],
    [90_000_000_000n, "1m 30s"],
    [86_400_000_000_000n, "1day"],
    [2n * 86_400_000_000_000n + 3_600_000_001_001n, "2days 1h 1us 1ns"],
  ];
  for (const [nanoseconds, text] of durations) {
    it(`writes ${nanoseconds} ns as ${text}`, () => {
      assert.equal(formatDuration(nanoseconds), text);
    });
  }
});
