import { enumeration, record, string } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";

/** `fork` returns twice: each side's oplog says which it is. */
export const forkFunction = durableFunction({
  name: "golem::api::fork",
  class: "batched-remote-write",
  request: record({ newName: string }),
  response: enumeration("original", "forked"),
});
