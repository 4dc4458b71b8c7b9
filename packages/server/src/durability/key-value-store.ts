/** The key-value store: changed by recorded calls, and read by them. Workers share it. */
import type { EffectOrigin } from "./effect.ts";
import type { WorkerId } from "../platform/worker-id.ts";

/** One change; it happens as a whole or not at all. A space holds the keys of one bucket, or those of the cache. */
export type KeyValueChange =
  | {
      readonly kind: "set";
      readonly space: string;
      readonly entries: readonly (readonly [key: string, value: Uint8Array])[];
      /** From then on, in milliseconds since the epoch, the keys are absent. */
      readonly expiresMs?: number;
    }
  | { readonly kind: "delete"; readonly space: string; readonly keys: readonly string[] }
  /** Adds to a number; the result is the sum. */
  | { readonly kind: "increment"; readonly space: string; readonly key: string; readonly delta: bigint }
  /** Replaces a number if it is `old`; the result says whether it was. */
  | {
      readonly kind: "compare-and-swap";
      readonly space: string;
      readonly key: string;
      readonly old: bigint;
      readonly new: bigint;
    };

export type KeyValueResult = bigint | boolean | undefined;

/**
 * Numbers are stored as 8 bytes, little-endian, and an absent key is 0. Changing what isn't a number, or a sum beyond 64
 * bits, rejects and changes nothing. Reads see what was written before, and nothing that expired by `nowMs`.
 */
export interface KeyValueStore {
  /** One value for each key, in order. */
  readonly get: (space: string, keys: readonly string[], nowMs: number) => Promise<readonly (Uint8Array | undefined)[]>;
  readonly exists: (space: string, key: string, nowMs: number) => Promise<boolean>;
  /** The next keys after `after`, in order of code points; none at the end. */
  readonly keys: (space: string, after: string | undefined, nowMs: number) => Promise<readonly string[]>;
  /** Durable when it resolves; until then the values must not change. Rejects with a `StoreError`. */
  readonly write: (change: KeyValueChange, origin: EffectOrigin, nowMs: number) => Promise<KeyValueResult>;
  /** The worker is told of the space's changes from then on (`watch-event.ts`); durable when it resolves. */
  readonly watch: (space: string, worker: WorkerId) => Promise<void>;
  /** Forgets a deleted worker's last operation, and what it watches. */
  readonly forget: (worker: WorkerId) => Promise<void>;
}

/** What one worker's hosts may do with it. */
export interface KeyValueAccess {
  readonly get: (space: string, keys: readonly string[]) => Promise<readonly (Uint8Array | undefined)[]>;
  readonly exists: (space: string, key: string) => Promise<boolean>;
  readonly keys: (space: string, after: string | undefined) => Promise<readonly string[]>;
  /** Once, however often the call that makes it is repeated after a crash. */
  readonly write: (change: KeyValueChange) => Promise<KeyValueResult>;
  /** A change that no record follows: it happens each time. */
  readonly writeAgain: (change: KeyValueChange) => Promise<KeyValueResult>;
  /** Has the worker told of the space's changes; undefined when its component doesn't watch. */
  readonly watch: ((space: string) => Promise<void>) | undefined;
  /** The longest value. */
  readonly valueBytesMax: number;
}
