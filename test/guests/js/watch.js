import { increment } from "wasi:keyvalue/atomic@0.1.0";
import * as eventual from "wasi:keyvalue/eventual@0.1.0";
import { deleteMany, setMany } from "wasi:keyvalue/eventual-batch@0.1.0";
import { Bucket, OutgoingValue } from "wasi:keyvalue/types@0.1.0";

const told = [];

export const handleWatch = {
  onSet(bucket, key, value) {
    const text = new TextDecoder().decode(value.incomingValueConsumeSync());
    // The bucket can be used as any other.
    told.push(`set ${key} ${text.length === 8 ? "number" : text} ${eventual.exists(bucket, key)}`);
  },
  onDelete(_bucket, key) {
    told.push(`delete ${key}`);
  },
};

function valueOf(text) {
  const value = OutgoingValue.newOutgoingValue();
  value.outgoingValueWriteBodySync(new TextEncoder().encode(text));
  return value;
}

export function watch(name) {
  Bucket.openBucket(name);
}

export function change(name, times) {
  const bucket = Bucket.openBucket(name);
  for (let time = 0; time < times; time++) eventual.set(bucket, `key-${time}`, valueOf(`v${time}`));
}

export function others(name) {
  const bucket = Bucket.openBucket(name);
  increment(bucket, "counter", 5n);
  setMany(bucket, [
    ["a", valueOf("A")],
    ["b", valueOf("B")],
  ]);
  deleteMany(bucket, ["a", "none"]);
  eventual.delete(bucket, "b");
}

export const observe = () => told;
