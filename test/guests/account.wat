;; An account of one number, in versions: what updates carry over, and what they can't. `$version` and `$more` are what
;; the suites change.
(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $outer-pollable))
    (export "pollable" (type $pollable' (eq $outer-pollable)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable'))))))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $drop-pollable (canon resource.drop $pollable))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))

  (core module $account
    (import "host" "block" (func $block (param i32)))
    (import "host" "drop-pollable" (func $drop-pollable (param i32)))
    (import "host" "subscribe" (func $subscribe (param i64) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 64) "thirteen is not accepted")
    (global $version i32 (i32.const 1))
    ;; Added to every amount: a version with another one computes other results.
    (global $more i64 (i64.const 0))
    (global $sum (mut i64) (i64.const 0))
    (global $loads (mut i32) (i32.const 0))

    ;; The bytes of a snapshot, the only thing that is ever passed in.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))

    (func (export "version") (result i32) (global.get $version))
    ;; How many snapshots this instance began with.
    (func (export "loads") (result i32) (global.get $loads))
    (func (export "sum") (result i64) (global.get $sum))

    (func $add (export "add") (param $amount i64) (result i64)
      (global.set $sum (i64.add (global.get $sum) (i64.add (local.get $amount) (global.get $more))))
      (global.get $sum))

    (func (export "slow-add") (param $amount i64) (param $ms i64) (result i64)
      (local $pollable i32)
      (local.set $pollable (call $subscribe (i64.mul (local.get $ms) (i64.const 1000000))))
      (call $block (local.get $pollable))
      (call $drop-pollable (local.get $pollable))
      (call $add (local.get $amount)))

    (func (export "fail") unreachable)

    (func (export "save") (result i32)
      (i64.store (i32.const 128) (global.get $sum))
      (i32.store (i32.const 136) (i32.const 128))
      (i32.store (i32.const 140) (i32.const 8))
      (i32.const 136))

    (func (export "load") (param $at i32) (param $length i32) (result i32)
      (global.set $sum (i64.load (local.get $at)))
      (global.set $loads (i32.add (global.get $loads) (i32.const 1)))
      (i32.store8 (i32.const 144) (i64.eq (global.get $sum) (i64.const 13)))
      (i32.store (i32.const 148) (i32.const 64))
      (i32.store (i32.const 152) (i32.const 24))
      (i32.const 144)))
  (core instance $account (instantiate $account (with "host" (instance
    (export "block" (func $block))
    (export "drop-pollable" (func $drop-pollable))
    (export "subscribe" (func $subscribe))))))
  (alias core export $account "memory" (core memory $memory))
  (alias core export $account "realloc" (core func $realloc))

  (func (export "version") (result u32) (canon lift (core func $account "version")))
  (func (export "loads") (result u32) (canon lift (core func $account "loads")))
  (func (export "sum") (result u64) (canon lift (core func $account "sum")))
  (func (export "add") (param "amount" u64) (result u64) (canon lift (core func $account "add")))
  (func (export "slow-add") (param "amount" u64) (param "ms" u64) (result u64)
    (canon lift (core func $account "slow-add")))
  (func (export "fail") (canon lift (core func $account "fail")))
  (func $save (result (list u8)) (canon lift (core func $account "save") (memory $memory)))
  (instance $save-snapshot (export "save" (func $save)))
  (export "golem:api/save-snapshot@1.1.0" (instance $save-snapshot))
  (func $load (param "bytes" (list u8)) (result (result (error string)))
    (canon lift (core func $account "load") (memory $memory) (realloc $realloc)))
  (instance $load-snapshot (export "load" (func $load)))
  (export "golem:api/load-snapshot@1.1.0" (instance $load-snapshot)))
