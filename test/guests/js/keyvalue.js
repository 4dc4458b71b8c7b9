import * as atomic from "wasi:keyvalue/atomic@0.1.0";
import * as cache from "wasi:keyvalue/cache@0.1.0";
import * as eventual from "wasi:keyvalue/eventual@0.1.0";
import * as eventualBatch from "wasi:keyvalue/eventual-batch@0.1.0";
import { Bucket, OutgoingValue } from "wasi:keyvalue/types@0.1.0";

const seen = [];
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function value(text) {
  const outgoing = OutgoingValue.newOutgoingValue();
  outgoing.outgoingValueWriteBodySync(encoder.encode(text));
  return outgoing;
}

function textOf(incoming) {
  return incoming === undefined ? "nothing" : decoder.decode(incoming.incomingValueConsumeSync());
}

function note(...texts) {
  seen.push(...texts);
  return texts;
}

export function single(name, times) {
  const bucket = Bucket.openBucket(name);
  const found = [];
  for (let time = 0; time < times; time++) {
    const key = `key ${time % 3}`;
    found.push(...note(textOf(eventual.get(bucket, key))));
    eventual.set(bucket, key, value(`value ${time}`));
    found.push(...note(textOf(eventual.get(bucket, key))));
    if (time % 2 === 1) eventual.delete(bucket, key);
    found.push(...note(String(eventual.exists(bucket, key))));
  }
  return found;
}

export function batch(name, times) {
  const bucket = Bucket.openBucket(name);
  const found = [];
  for (let time = 0; time < times; time++) {
    const keys = ["c", "a", "b"].map((key) => `${key}${time}`);
    eventualBatch.setMany(
      bucket,
      keys.map((key) => [key, value(`value ${key}`)]),
    );
    found.push(
      ...note(
        eventualBatch
          .getMany(bucket, [...keys, "none"])
          .map(textOf)
          .join(),
      ),
    );
    eventualBatch.deleteMany(bucket, [keys[0], "none"]);
    found.push(...note(eventualBatch.keys(bucket).join()));
  }
  return found;
}

export function count(name, times) {
  const bucket = Bucket.openBucket(name);
  const sums = [];
  for (let time = 0; time < times; time++) sums.push(atomic.increment(bucket, "count", 1n));
  note(...sums.map(String));
  return BigUint64Array.from(sums);
}

export function counted(name) {
  return atomic.increment(Bucket.openBucket(name), "count", 0n);
}

export function swap(name, times) {
  const bucket = Bucket.openBucket(name);
  let swapped = 0;
  for (let time = 0; time < times; time++) {
    if (atomic.compareAndSwap(bucket, "number", BigInt(time), BigInt(time + 1))) swapped += 1;
    if (atomic.compareAndSwap(bucket, "number", 77_777n, 0n)) swapped += 1000;
  }
  note(String(swapped));
  return swapped;
}

const pieceBytes = 65_536;

function piece(number) {
  return Uint8Array.from({ length: pieceBytes }, (_, index) => (index * 31 + number) & 0xff);
}

export function streamed(name, pieces) {
  const bucket = Bucket.openBucket(name);
  const outgoing = OutgoingValue.newOutgoingValue();
  const output = outgoing.outgoingValueWriteBodyAsync();
  for (let number = 0; number < pieces; number++) {
    const bytes = piece(number);
    for (let at = 0; at < pieceBytes; at += 4096) output.blockingWriteAndFlush(bytes.subarray(at, at + 4096));
  }
  output[Symbol.dispose]();
  eventual.set(bucket, "long", outgoing);
  const incoming = eventual.get(bucket, "long");
  const size = incoming.incomingValueSize();
  const input = incoming.incomingValueConsumeAsync();
  let length = 0;
  let sum = 0;
  for (;;) {
    try {
      const bytes = input.blockingRead(100_000n);
      for (const byte of bytes) sum = (sum * 33 + byte) >>> 0;
      length += bytes.length;
    } catch (error) {
      if (error.payload?.tag === "closed") break;
      throw error;
    }
  }
  note(`${size} ${length} ${sum}`);
  return BigUint64Array.from([size, BigInt(length), BigInt(sum)]);
}

function settled(future, kind) {
  future[`listenToFuture${kind}`]().block();
  const result = future[`future${kind}Get`]();
  if (result.tag === "err") throw new Error(result.val.trace());
  return result.val;
}

export function cached(prefix) {
  const key = (name) => `${prefix}/${name}`;
  const found = [];
  const get = (name) => textOf(settled(cache.get(key(name)), "GetResult"));
  const exists = (name) => String(settled(cache.exists(key(name)), "ExistsResult"));
  const entry = (name) => settled(cache.getOrSet(key(name)), "GetOrSetResult");
  found.push(...note(get("a"), exists("a")));
  settled(cache.set(key("a"), value("kept"), undefined), "Result");
  settled(cache.set(key("b"), value("for an hour"), 3_600_000), "Result");
  settled(cache.set(key("c"), value("over at once"), 0), "Result");
  found.push(...note(get("a"), get("b"), get("c"), exists("b"), exists("c")));
  settled(cache.delete(key("a")), "Result");
  found.push(...note(get("a")));
  const { tag, val } = entry("a");
  if (tag === "vacant") val.vacancyFill(undefined).outgoingValueWriteBodySync(encoder.encode("filled"));
  const again = entry("a");
  found.push(...note(tag, again.tag, again.tag === "occupied" ? textOf(again.val) : ""));
  return found;
}

export function wrong(name) {
  const bucket = Bucket.openBucket(name);
  const attempts = [
    () => Bucket.openBucket("x".repeat(100_000)),
    () => eventual.get(bucket, "y".repeat(1_000_000)),
    () => eventual.set(bucket, "z".repeat(5000), value("v")),
    () =>
      eventualBatch.getMany(
        bucket,
        Array.from({ length: 20_000 }, () => "k"),
      ),
    () => {
      eventual.set(bucket, "text", value("ten"));
      atomic.increment(bucket, "text", 1n);
    },
    () => {
      atomic.increment(bucket, "most", 1n);
      atomic.increment(bucket, "most", 2n ** 64n - 1n);
    },
    () => {
      const outgoing = OutgoingValue.newOutgoingValue();
      for (let time = 0; time < 20; time++) outgoing.outgoingValueWriteBodySync(new Uint8Array(1024 * 1024));
    },
  ];
  return note(
    ...attempts.map((attempt) => {
      try {
        attempt();
        return "nothing went wrong";
      } catch (error) {
        return error.payload?.trace() ?? String(error);
      }
    }),
  );
}

export function many(number) {
  const held = [];
  for (let index = 0; index < number; index++) {
    held.push(Bucket.openBucket(`bucket ${index}`), OutgoingValue.newOutgoingValue());
  }
  for (const each of held) each[Symbol.dispose]();
  note(String(held.length));
  return held.length;
}

export function spin(name, times) {
  const bucket = Bucket.openBucket(name);
  const outgoing = value("a value of forty bytes, as they often are");
  for (let time = 0; time < times; time++) eventual.set(bucket, "key", outgoing);
}

export function spinGet(name, times) {
  const bucket = Bucket.openBucket(name);
  for (let time = 0; time < times; time++) eventual.get(bucket, "key")[Symbol.dispose]();
}

export function observe() {
  return seen;
}
