/** The component that the benchmarks call. */
import { parse } from "@bytecodealliance/jco";

// Functions that are never called: they give the core module the size of a small real component.
function padding(count: number): string {
  const body = "local.get 0 i32.const 1234567 i32.mul i32.const 7654321 i32.add local.set 0 ".repeat(4);
  return Array.from(
    { length: count },
    (_, index) => `(func $pad-${index} (param i32) (result i32) ${body} local.get 0)`,
  ).join("\n");
}

/** `echo` gives a string back, `total` adds up the numbers of a list, `read-clock` reads the host's clock n times. */
const text = `(component
  (import "wasi:clocks/wall-clock@0.2.0" (instance $clock
    (type $datetime' (record (field "seconds" u64) (field "nanoseconds" u32)))
    (export "datetime" (type $datetime (eq $datetime')))
    (export "now" (func (result $datetime)))))
  (core module $libc
    (memory (export "memory") 17)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (local.get $at))
    (func (export "free") (param i32) (global.set $next (i32.const 1024))))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (alias core export $libc "free" (core func $free))
  (alias export $clock "now" (func $now))
  (core func $now' (canon lower (func $now) (memory $memory)))
  (core module $main
    (import "libc" "memory" (memory 17))
    (import "clock" "now" (func $now (param i32)))
    ${padding(1700)}
    (func (export "echo") (param $pointer i32) (param $length i32) (result i32)
      (i32.store (i32.const 8) (local.get $pointer))
      (i32.store (i32.const 12) (local.get $length))
      (i32.const 8))
    (func (export "describe") (param i32 i32 i32 f64) (result i32)
      (i32.store (i32.const 8) (local.get 0))
      (i32.store (i32.const 12) (local.get 1))
      (i32.store (i32.const 16) (local.get 2))
      (f64.store (i32.const 24) (local.get 3))
      (i32.const 8))
    (func (export "read-clock") (param $count i32) (result i64)
      (loop $again
        (call $now (i32.const 16))
        (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
      (i64.load (i32.const 16))))
  (core instance $main (instantiate $main
    (with "libc" (instance $libc))
    (with "clock" (instance (export "now" (func $now'))))))
  (type $item (tuple string u32 f64))
  (func (export "echo") (param "text" string) (result string)
    (canon lift (core func $main "echo") (memory $memory) (realloc $realloc) (post-return $free)))
  (func (export "describe") (param "item" $item) (result $item)
    (canon lift (core func $main "describe") (memory $memory) (realloc $realloc) (post-return $free)))
  (func (export "read-clock") (param "count" u32) (result u64)
    (canon lift (core func $main "read-clock"))))`;

/** The binary of the component. */
export function guestBytes(): Promise<Uint8Array> {
  return parse(text);
}
