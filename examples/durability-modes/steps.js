import {
  markBeginOperation,
  markEndOperation,
  setIdempotenceMode,
  setOplogPersistenceLevel,
  setRetryPolicy,
} from "golem:api/host@1.1.7";
import { increment } from "wasi:keyvalue/atomic@0.1.0";
import { Bucket } from "wasi:keyvalue/types@0.1.0";

const counters = () => Bucket.openBucket("steps");

/** Fails the first three times, in the midst of a region. */
export function together() {
  const begin = markBeginOperation();
  const attempt = increment(counters(), "attempts", 1n);
  if (attempt < 4n) throw new Error(`attempt ${attempt} fails`);
  markEndOperation(begin);
  return attempt;
}

export function patient(attempts) {
  setRetryPolicy({
    maxAttempts: attempts,
    minDelay: 100_000_000n,
    maxDelay: 1_000_000_000n,
    multiplier: 2,
    maxJitterFactor: undefined,
  });
}

/** Remote writes that a crash cuts off are not done again: the worker fails instead. */
export function atMostOnce(name) {
  setIdempotenceMode(false);
  const value = increment(counters(), name, 1n);
  setIdempotenceMode(true);
  return value;
}

/** Nothing of this is recorded: it is done again whenever the worker is replayed. */
export function unrecorded(name) {
  setOplogPersistenceLevel({ tag: "persist-nothing" });
  increment(counters(), name, 1n);
  setOplogPersistenceLevel({ tag: "smart" });
}

export const count = (name) => increment(counters(), name, 0n);
