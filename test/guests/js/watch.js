import { exists, set } from "wasi:keyvalue/eventual@0.1.0";
import { Bucket, OutgoingValue } from "wasi:keyvalue/types@0.1.0";

let told = 0;

export const handleWatch = {
  onSet() {
    told += 1;
  },
  onDelete() {
    told += 1;
  },
};

export function change(name) {
  const bucket = Bucket.openBucket(name);
  set(bucket, "key", OutgoingValue.newOutgoingValue());
  return exists(bucket, "key");
}

export function observe() {
  return told;
}
