import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { defaultRetryPolicy, mayRetry, outOfMemoryPolicy, retryDelayMs } from "./retry-policy.ts";

describe("mayRetry()", () => {
  it("allows as many retries as the policy says", () => {
    assert.deepEqual(
      [1, 2, 3, 4].map((failures) => mayRetry(defaultRetryPolicy, failures)),
      [true, true, true, false],
    );
    assert.equal(mayRetry({ ...defaultRetryPolicy, maxAttempts: 0 }, 1), false);
  });
});

describe("retryDelayMs()", () => {
  it("follows the default policy", () => {
    assert.deepEqual(
      [1, 2, 3, 4, 9].map((failures) => retryDelayMs(defaultRetryPolicy, failures, 0)),
      [100, 100, 300, 900, 1000],
    );
    assert.equal(retryDelayMs(defaultRetryPolicy, 1, 0.5), 107.5);
    assert.equal(retryDelayMs(outOfMemoryPolicy, 100, 0), 5000);
  });

  it("stays between the bounds of any policy", () => {
    const policy = fc.record({
      maxAttempts: fc.nat(),
      minDelayNs: fc.integer({ min: 0, max: 1e9 }),
      maxDelayNs: fc.integer({ min: 0, max: 1e12 }),
      multiplier: fc.double({ min: 1, max: 100, noNaN: true }),
      maxJitterFactor: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        policy,
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (given, failures, random) => {
          const delay = retryDelayMs(given, failures, random);
          fc.pre(!Number.isNaN(delay));
          assert.ok(delay <= given.maxDelayNs / 1e6);
          assert.ok(delay >= Math.min(given.minDelayNs, given.maxDelayNs) / 1e6);
        },
      ),
    );
  });
});
