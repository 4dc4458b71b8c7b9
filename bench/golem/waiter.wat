;; What Golem's benchmarks measure of clocks and memory.
(module
  (import "golem:api/host@1.1.7" "oplog-commit" (func $commit (param i32)))
  (import "golem:api/host@1.1.7" "set-oplog-persistence-level" (func $set-level (param i32)))
  (import "wasi:cli/stdout@0.2.0" "get-stdout" (func $get-stdout (result i32)))
  (import "wasi:clocks/monotonic-clock@0.2.0" "now" (func $monotonic (result i64)))
  (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $subscribe (param i64) (result i32)))
  (import "wasi:clocks/wall-clock@0.2.0" "now" (func $now (param i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.0" "[resource-drop]pollable" (func $drop-pollable (param i32)))
  (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "one of the lines of text\n")
  (global $stdout (mut i32) (i32.const 0))
  (global $next (mut i32) (i32.const 4096))

  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (global.get $next))

  (func $sleep (param $nanoseconds i64)
    (local $pollable i32)
    (local.set $pollable (call $subscribe (local.get $nanoseconds)))
    (call $block (local.get $pollable))
    (call $drop-pollable (local.get $pollable)))

  (func $print
    (if (i32.eqz (global.get $stdout)) (then (global.set $stdout (call $get-stdout))))
    (call $write (global.get $stdout) (i32.const 16) (i32.const 25) (i32.const 128))
    (if (i32.load8_u (i32.const 128)) (then unreachable)))

  (func (export "golem:it/api#run") (param $times i64) (param $not-durable i32) (param $commit i32) (result i64)
    (local $sum i64)
    ;; "persist-nothing" is the first of the levels.
    (if (local.get $not-durable) (then (call $set-level (i32.const 0))))
    (loop $again
      (call $now (i32.const 256))
      (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (i32.load (i32.const 264)))))
      (local.set $times (i64.sub (local.get $times) (i64.const 1)))
      (br_if $again (i64.ne (local.get $times) (i64.const 0))))
    (if (local.get $commit) (then (call $commit (i32.const 1))))
    (local.get $sum))

  (func (export "sleep-for") (param $seconds f64) (result f64)
    (local $begin i64)
    (local.set $begin (call $monotonic))
    (call $sleep (i64.trunc_f64_u (f64.mul (local.get $seconds) (f64.const 1e9))))
    (f64.div (f64.convert_i64_u (i64.sub (call $monotonic) (local.get $begin))) (f64.const 1e9)))

  (func (export "grow") (result i64)
    (local $time i32) (local $page i32)
    (loop $again
      (local.set $page (memory.grow (i32.const 16)))
      (if (i32.eq (local.get $page) (i32.const -1)) (then unreachable))
      ;; An allocator writes its own notes where the block begins.
      (i32.store (i32.mul (local.get $page) (i32.const 65536)) (local.get $time))
      (call $print)
      (call $print)
      (call $sleep (i64.const 5000))
      (local.set $time (i32.add (local.get $time) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $time) (i32.const 512))))
    (i64.extend_i32_u (memory.size)))

  (func (export "look") (result i64)
    (call $print)
    (call $print)
    (call $print)
    (call $sleep (i64.const 2000000000))
    (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16))))
