/**
 * Gives memory back in threads that have nothing to do. The engine collects only while it allocates: an idle thread
 * would keep what its busiest moment took, the memories of ended instances among it.
 */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const lookMs = 5000;

/** Collecting stops the thread for a moment: less than this isn't worth it. */
const garbageBytesMin = 16 * 1024 * 1024;

/** The engine gives pages back only when it finds them empty again and again. */
const collections = 4;

let collector: (() => void) | undefined;

/** Collects all garbage of this thread at once, which stops it for a moment. */
export function collectGarbage(): void {
  if (collector === undefined) {
    setFlagsFromString("--expose-gc");
    collector = runInNewContext("gc") as () => void;
  }
  collector();
}

/**
 * Has the engine weigh linear memories against all that a thread holds. By itself it collects everything after each 64 MB
 * of new ones, however much there is that stays: of a thread that loads workers that was half of its time, and as much
 * again in the engine's own threads. To be called before the first thread starts.
 */
export function collectByShare(): void {
  setFlagsFromString("--external-memory-accounted-in-global-limit");
}

function heldBytes(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/**
 * Watches this thread until it ends. `activity` grows with everything that the thread does: it is idle while that stays
 * as it is.
 */
export function collectWhenIdle(activity: () => number): void {
  let before = activity();
  let left = collections;
  let leastBytes = heldBytes();
  const look = (): void => {
    const now = activity();
    const idle = now === before;
    before = now;
    if (!idle) {
      if (heldBytes() > leastBytes + garbageBytesMin) left = collections;
      return;
    }
    if (left === 0) return;
    left -= 1;
    collectGarbage();
    leastBytes = heldBytes();
  };
  setInterval(look, lookMs).unref();
}
