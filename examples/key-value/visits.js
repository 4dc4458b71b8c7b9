import { increment } from "wasi:keyvalue/atomic@0.1.0";
import { get, set } from "wasi:keyvalue/eventual@0.1.0";
import { Bucket, OutgoingValue } from "wasi:keyvalue/types@0.1.0";

// Not opened here: what stands outside of functions runs when the component is built.
const pages = () => Bucket.openBucket("pages");

export function visit(page) {
  return increment(pages(), `${page}/visits`, 1n);
}

export function describe(page, text) {
  const value = OutgoingValue.newOutgoingValue();
  value.outgoingValueWriteBodySync(new TextEncoder().encode(text));
  set(pages(), `${page}/text`, value);
}

export function description(page) {
  const value = get(pages(), `${page}/text`);
  return value && new TextDecoder().decode(value.incomingValueConsumeSync());
}
