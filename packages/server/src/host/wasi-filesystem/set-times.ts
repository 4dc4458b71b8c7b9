import type { HostContext } from "../interface.ts";
import { toDatetime } from "../wasi-clocks/wall-clock.ts";
import type { Datetime } from "../wasi-clocks/wall-clock.ts";
import { FileError } from "./file-error.ts";
import type { Node } from "./nodes.ts";

/** wasi:filesystem's new-timestamp. */
export type NewTimestamp =
  | { readonly tag: "no-change" }
  | { readonly tag: "now" }
  | { readonly tag: "timestamp"; readonly val: Datetime };

export function setTimes(context: HostContext, node: Node, accessed: NewTimestamp, modified: NewTimestamp): void {
  if (node.kind === "regular-file" && node.readOnly) throw new FileError("not-permitted");
  const times = [
    newTime(context, node.times.accessed, accessed),
    newTime(context, node.times.modified, modified),
  ] as const;
  [node.times.accessed, node.times.modified] = times;
}

function newTime({ clock }: HostContext, before: Datetime, change: NewTimestamp): Datetime {
  switch (change.tag) {
    case "no-change":
      return before;
    case "now":
      return toDatetime(clock.now());
    case "timestamp":
      if (change.val.nanoseconds >= 1e9) throw new FileError("invalid");
      return change.val;
  }
}
