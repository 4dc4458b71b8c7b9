/** A guest that reads the clock as often as it is told: each read is a record. */
import { parse } from "@bytecodealliance/jco";

const text = `(component
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (export "now" (func (result u64)))))
  (core func $now (canon lower (func $clock "now")))
  (core module $reader
    (import "clock" "now" (func $now (result i64)))
    (func (export "read") (param $times i64) (result i64)
      (local $last i64)
      (loop $again
        (local.set $last (call $now))
        (local.set $times (i64.sub (local.get $times) (i64.const 1)))
        (br_if $again (i64.gt_s (local.get $times) (i64.const 0))))
      (local.get $last)))
  (core instance $reader (instantiate $reader (with "clock" (instance (export "now" (func $now))))))
  (func (export "read") (param "times" u64) (result u64) (canon lift (core func $reader "read"))))`;

export async function clockReader(): Promise<Uint8Array> {
  return await parse(text);
}
