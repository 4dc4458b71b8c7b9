import * as durability from "golem:durability/durability@1.2.1";
import { setOplogPersistenceLevel } from "golem:api/host@1.1.7";
import { Bucket } from "wasi:keyvalue/types@0.1.0";
import { increment } from "wasi:keyvalue/atomic@0.1.0";
import { subscribeDuration } from "wasi:clocks/monotonic-clock@0.2.0";

const seen = [];
const encode = (number) => new TextEncoder().encode(`${number}`);
const decode = (bytes) => BigInt(new TextDecoder().decode(bytes));

/** What lies outside, for this guest: the host doesn't record it. */
function outside(counter, by) {
  setOplogPersistenceLevel({ tag: "persist-nothing" });
  try {
    return increment(Bucket.openBucket("durability-guest"), counter, by);
  } finally {
    setOplogPersistenceLevel({ tag: "smart" });
  }
}

function wrapped(counter, type) {
  const name = `guest::${type.tag}`;
  durability.observeFunctionCall("guest", type.tag);
  const begin = durability.beginDurableFunction(type);
  const { isLive } = durability.currentDurableExecutionState();
  let result;
  if (isLive) {
    result = outside(counter, 1n);
    durability.persistDurableFunctionInvocation(name, encode(0), encode(result), type);
  } else {
    const persisted = durability.readPersistedDurableFunctionInvocation();
    if (persisted.functionName !== name || persisted.entryVersion !== "v2") throw new Error("another call was found");
    if (persisted.timestamp.seconds < 1_700_000_000n) throw new Error("it has no time");
    result = decode(persisted.response);
  }
  durability.endDurableFunction(type, begin, false);
  return result;
}

function repeated(times, call) {
  const results = [];
  for (let time = 0; time < times; time++) {
    results.push(call());
    subscribeDuration(5_000_000n).block();
  }
  seen.push(results.join());
  return BigUint64Array.from(results);
}

export const draw = (counter, tag, times) => repeated(times, () => wrapped(counter, { tag }));

export function drawTyped(counter, times) {
  const type = { tag: "read-remote" };
  const typed = (number) => ({
    value: { nodes: [{ tag: "prim-u64", val: number }] },
    typ: { nodes: [{ tag: "prim-u64-type" }] },
  });
  return repeated(times, () => {
    const begin = durability.beginDurableFunction(type);
    let result;
    if (durability.currentDurableExecutionState().isLive) {
      result = outside(counter, 1n);
      durability.persistTypedDurableFunctionInvocation("guest::typed", typed(0n), typed(result), type);
    } else {
      const { response } = durability.readPersistedTypedDurableFunctionInvocation();
      if (response.typ.nodes[0].tag !== "prim-u64-type") throw new Error("another type was found");
      result = response.value.nodes[0].val;
    }
    durability.endDurableFunction(type, begin, true);
    return result;
  });
}

export function batch(counter) {
  const opening = { tag: "write-remote-batched", val: undefined };
  const begin = durability.beginDurableFunction(opening);
  const inside = { tag: "write-remote-batched", val: begin };
  const results = repeated(2, () => wrapped(counter, inside));
  durability.endDurableFunction(opening, begin, false);
  return results;
}

export const drawn = (counter) => outside(counter, 0n);

export function lazy() {
  const pollable = new durability.LazyInitializedPollable();
  const subscribed = pollable.subscribe();
  const before = subscribed.ready();
  pollable.set(subscribeDuration(10_000_000n));
  subscribed.block();
  return !before && subscribed.ready();
}

export const observe = () => seen;
