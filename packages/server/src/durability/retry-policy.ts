/** Retry decisions (spec/host-interfaces.md §24), as pure functions of policy and counts. */
import type { RetryPolicy } from "./oplog/entry-types.ts";

export const defaultRetryPolicy: RetryPolicy = {
  maxAttempts: 3,
  minDelayNs: 100e6,
  maxDelayNs: 1e9,
  multiplier: 3,
  maxJitterFactor: 0.15,
};

/** For memory that the server can't give now: it is waited for without end. */
export const outOfMemoryPolicy: RetryPolicy = {
  maxAttempts: 0xffff_ffff,
  minDelayNs: 100e6,
  maxDelayNs: 5e9,
  multiplier: 2,
  maxJitterFactor: 0.15,
};

/** Whether the attempt number `failures + 1` follows after `failures` consecutive failures. */
export function mayRetry(policy: RetryPolicy, failures: number): boolean {
  return failures <= policy.maxAttempts;
}

/** Milliseconds before the next attempt after `failures` (≥ 1) consecutive failures; `random` is in [0, 1). */
export function retryDelayMs(policy: RetryPolicy, failures: number, random: number): number {
  const factor = policy.multiplier ** Math.max(failures - 2, 0);
  const jitter = 1 + random * (policy.maxJitterFactor ?? 0);
  return Math.min(factor * policy.minDelayNs * jitter, policy.maxDelayNs) / 1e6;
}
