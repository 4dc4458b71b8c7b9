/** When a worker's memory is worth saving: enough has happened since it was saved last to make replaying that slow. */

export interface SnapshotLimits {
  /** Whether workers are saved, and loaded from what was saved. */
  readonly enabled: boolean;
  /** Entries, bytes and milliseconds of replay, any of which is enough. */
  readonly entries: number;
  readonly bytes: number;
  readonly replayMs: number;
  /** A worker with more linear memory than this isn't saved. */
  readonly memoryBytesMax: number;
}

/** Nothing is saved, and nothing that was saved is used. */
export const noSnapshots: SnapshotLimits = { enabled: false, entries: 1, bytes: 1, replayMs: 1, memoryBytesMax: 1 };

/** What a worker has done in all, or since something. */
export interface Progress {
  readonly entries: number;
  readonly bytes: number;
  readonly fuel: number;
}

/** Rough, and rather too long: replayed code starts slowly, before the engine has optimised it. */
const msPerEntry = 0.001;
const msPerFuel = 4e-6;

/** What saving a worker takes of its thread's time is at most this part of it, and of the disk so many bytes a second. */
const shareMax = 0.02;
const bytesPerMsMax = 8000;

export function replayMs({ entries, fuel }: Progress): number {
  return entries * msPerEntry + fuel * msPerFuel;
}

export function difference(now: Progress, before: Progress): Progress {
  return { entries: now.entries - before.entries, bytes: now.bytes - before.bytes, fuel: now.fuel - before.fuel };
}

export const nothingDone: Progress = { entries: 0, bytes: 0, fuel: 0 };

/** The part of the limits at which a worker that rests or leaves memory is saved. */
export const restingShare = 0.2;

/** Whether what happened since the last snapshot is more than `share` of a limit. */
export function isDue(since: Progress, limits: SnapshotLimits, share = 1): boolean {
  return (
    limits.enabled &&
    (since.entries >= limits.entries * share ||
      since.bytes >= limits.bytes * share ||
      replayMs(since) >= limits.replayMs * share)
  );
}

/** How long after a snapshot of this size that took `costMs` the next one may be taken. */
export function pauseMs(costMs: number, bytes: number): number {
  return Math.max(costMs / shareMax, bytes / bytesPerMsMax);
}
