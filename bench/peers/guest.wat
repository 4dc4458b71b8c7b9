;; What the opponents do, too: a counter, three steps, and a call of another worker's counter.
(module
  (import "wasi:random/random@0.2.0" "get-random-u64" (func $random (result i64)))
  (import "golem:api/host@1.1.7" "oplog-commit" (func $commit (param i32)))
  (import "golem:api/host@1.1.7" "get-self-metadata" (func $self (param i32)))
  (import "golem:rpc/types@0.2.2" "[constructor]wasm-rpc" (func $connect (param i64 i64 i32 i32) (result i32)))
  (import "golem:rpc/types@0.2.2" "[method]wasm-rpc.invoke-and-await"
    (func $invoke (param i32 i32 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "add")
  ;; A list of one parameter, which is a list of one node: a u64 (11).
  (data (i32.const 32) "\30\00\00\00\01\00\00\00")
  (data (i32.const 48) "\0b")
  (global $sum (mut i64) (i64.const 0))
  ;; The connection to the one worker that this one calls.
  (global $other (mut i32) (i32.const 0))
  (global $next (mut i32) (i32.const 4096))

  ;; Nothing is freed: what a call allocates the next one overwrites.
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (local.get $at))

  (func $drawn (result i64) (i64.and (call $random) (i64.const 0xffffffff)))

  (func (export "add") (param $amount i64) (result i64)
    (global.set $sum (i64.add (global.get $sum) (local.get $amount)))
    (global.get $sum))

  (func (export "steps") (result i64)
    (local $total i64)
    (local.set $total (call $drawn))
    (call $commit (i32.const 1))
    (local.set $total (i64.add (local.get $total) (call $drawn)))
    (call $commit (i32.const 1))
    (local.set $total (i64.add (local.get $total) (call $drawn)))
    (call $commit (i32.const 1))
    (local.get $total))

  (func (export "steps-at-once") (result i64)
    (i64.add (i64.add (call $drawn) (call $drawn)) (call $drawn)))

  (func (export "call") (param $name i32) (param $length i32) (param $amount i64) (result i64)
    (local $nodes i32)
    (if (i32.eqz (global.get $other)) (then
      (call $self (i32.const 128))
      (global.set $other (call $connect (i64.load (i32.const 128)) (i64.load (i32.const 136))
        (local.get $name) (local.get $length)))))
    (i64.store (i32.const 56) (local.get $amount))
    (call $invoke (global.get $other) (i32.const 16) (i32.const 3) (i32.const 32) (i32.const 1) (i32.const 256))
    (if (i32.load8_u (i32.const 256)) (then unreachable))
    ;; The first node is the tuple of results: its list begins with the index of the u64's node.
    (local.set $nodes (i32.load (i32.const 260)))
    (global.set $next (i32.const 4096))
    (i64.load offset=8
      (i32.add (local.get $nodes) (i32.mul (i32.load (i32.load offset=8 (local.get $nodes))) (i32.const 24))))))
