/** The engine's garbage collector, on request. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/**
 * Collects what nothing refers to in this thread. The engine does so only while it allocates: a thread with nothing to
 * do would keep what its busiest moment took, the memories of ended instances among it. It stops the thread meanwhile.
 */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
}
