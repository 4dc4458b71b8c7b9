import type { HostContext } from "../interface.ts";
import type { Datetime } from "../wasi-clocks/wall-clock.ts";
import { FileError } from "./file-error.ts";
import type { Node } from "./nodes.ts";
import { toMilliseconds } from "./stat.ts";

/** wasi:filesystem's new-timestamp. */
export type NewTimestamp =
  | { readonly tag: "no-change" }
  | { readonly tag: "now" }
  | { readonly tag: "timestamp"; readonly val: Datetime };

export function setTimes(context: HostContext, node: Node, accessed: NewTimestamp, modified: NewTimestamp): void {
  if (node.kind === "regular-file" && node.readOnly) throw new FileError("not-permitted");
  node.times.accessedMs = newTime(context, node.times.accessedMs, accessed);
  node.times.modifiedMs = newTime(context, node.times.modifiedMs, modified);
}

function newTime({ clock }: HostContext, before: number, change: NewTimestamp): number {
  switch (change.tag) {
    case "no-change":
      return before;
    case "now":
      return clock.now();
    case "timestamp":
      return toMilliseconds(change.val);
  }
}
