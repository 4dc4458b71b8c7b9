/** stat and what is made of it. Times are recorded, and set on the file at replay (spec/host-interfaces.md §17). */
import { createHash } from "node:crypto";
import { record, string } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { DurableFunction } from "../../durability/durable-function.ts";
import type { DurableExecution } from "../../durability/durable-execution.ts";
import { datetime } from "../wasi-clocks/wall-clock.ts";
import type { Datetime } from "../wasi-clocks/wall-clock.ts";
import type { Node } from "./nodes.ts";

const times = record({ accessed: datetime, modified: datetime });
type RecordedTimes = NonNullable<(typeof times)["value"]>;
const statRequest = record({ path: string });

export type StatFunction = DurableFunction<{ readonly path: string }, RecordedTimes>;

export const statFunction: StatFunction = durableFunction({
  name: "filesystem::types::descriptor::stat",
  class: "local-read",
  request: statRequest,
  response: times,
});

export const statAtFunction: StatFunction = durableFunction({
  ...statFunction,
  name: "filesystem::types::descriptor::stat_at",
});

export interface DescriptorStat {
  readonly type: Node["kind"];
  readonly linkCount: bigint;
  readonly size: bigint;
  readonly dataAccessTimestamp: Datetime;
  readonly dataModificationTimestamp: Datetime;
  readonly statusChangeTimestamp: undefined;
}

export function nodeSize(node: Node): number {
  switch (node.kind) {
    case "regular-file":
      return node.content.size;
    case "symbolic-link":
      return Buffer.byteLength(node.target);
    case "directory":
      return 0;
  }
}

/** Type, size and links come from the file itself, which replay has rebuilt; its times from the record. */
export function stat(durable: DurableExecution, declaration: StatFunction, node: Node, path: string): DescriptorStat {
  const recorded = durable.call(declaration, { path }, () => ({
    accessed: node.times.accessed,
    modified: node.times.modified,
  }));
  node.times.accessed = recorded.accessed;
  node.times.modified = recorded.modified;
  return {
    type: node.kind,
    linkCount: BigInt(node.links),
    size: BigInt(nodeSize(node)),
    dataAccessTimestamp: recorded.accessed,
    dataModificationTimestamp: recorded.modified,
    statusChangeTimestamp: undefined,
  };
}

/** The lower half, which C's library takes for the inode's number, tells files apart; the upper changes when the file does. */
export function metadataHash(node: Node, of: DescriptorStat): { readonly lower: bigint; readonly upper: bigint } {
  const { seconds, nanoseconds } = of.dataModificationTimestamp;
  const digest = createHash("sha256").update(`${seconds} ${nanoseconds} ${of.size} ${of.type}`).digest();
  return { lower: BigInt(node.number), upper: digest.readBigUInt64LE(0) };
}
