/** How HTTP requests become part of traces. */
import type { TraceParent } from "../durability/oplog/entry-types.ts";

export interface RequestSpan {
  /** For what is done for the request. */
  readonly trace: TraceParent;
  readonly end: (status: number) => void;
}

/** Begins the span of a request whose client has told of its own, if it has. */
export type BeginRequestSpan = (given: TraceParent | undefined, name: string) => RequestSpan;
