;; What Golem's benchmarks ask of a worker, done by itself or by another worker.
(module
  (import "golem:api/host@1.1.7" "get-self-metadata" (func $self (param i32)))
  (import "golem:rpc/types@0.2.2" "[constructor]wasm-rpc" (func $connect (param i64 i64 i32 i32) (result i32)))
  (import "golem:rpc/types@0.2.2" "[method]wasm-rpc.invoke-and-await"
    (func $invoke (param i32 i32 i32 i32 i32 i32)))
  (memory (export "memory") 4)
  (data (i32.const 16) "callee")
  (data (i32.const 32) "golem:it/api.{echo}")
  (data (i32.const 64) "golem:it/api.{calculate}")
  (data (i32.const 96) "golem:it/api.{process}")
  (global $heap i32 (i32.const 4096))
  (global $next (mut i32) (i32.const 4096))
  ;; The connection to the worker that does the work.
  (global $other (mut i32) (i32.const 0))

  ;; Memory is freed when a call ends, all at once.
  (func $allocate (param $bytes i32) (result i32)
    (local $at i32) (local $missing i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get $bytes)))
    (local.set $missing (i32.sub (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
    (if (i32.gt_s (local.get $missing) (i32.const 0)) (then
      (if (i32.eq (i32.const -1) (memory.grow (i32.add (i32.const 1)
        (i32.shr_u (local.get $missing) (i32.const 16))))) (then unreachable))))
    (local.get $at))

  (func (export "cabi_realloc") (param $old i32) (param $old-bytes i32) (param i32) (param $bytes i32) (result i32)
    (local $at i32)
    (local.set $at (call $allocate (local.get $bytes)))
    (if (local.get $old-bytes) (then
      (memory.copy (local.get $at) (local.get $old)
        (select (local.get $old-bytes) (local.get $bytes) (i32.lt_u (local.get $old-bytes) (local.get $bytes))))))
    (local.get $at))

  (func $free (param i32) (global.set $next (global.get $heap)))
  (export "cabi_post_golem:it/api#echo" (func $free))
  (export "cabi_post_golem:it/api#process" (func $free))
  (export "cabi_post_golem:itrpc/rpc-api#echo" (func $free))
  (export "cabi_post_golem:itrpc/rpc-api#process" (func $free))

  (func $pair (param $at i32) (param $length i32) (result i32)
    (i32.store (i32.const 1024) (local.get $at))
    (i32.store (i32.const 1028) (local.get $length))
    (i32.const 1024))

  (func (export "golem:it/api#echo") (param $at i32) (param $length i32) (result i32)
    (call $pair (local.get $at) (local.get $length)))

  (func $reverse (param $low i32) (param $high i32)
    (local $value i64)
    (loop $again
      (local.set $value (i64.load (local.get $low)))
      (i64.store (local.get $low) (i64.load (local.get $high)))
      (i64.store (local.get $high) (local.get $value))
      (local.set $low (i32.add (local.get $low) (i32.const 8)))
      (local.set $high (i32.sub (local.get $high) (i32.const 8)))
      (br_if $again (i32.lt_u (local.get $low) (local.get $high)))))

  (func $sum (param $at i32) (param $end i32) (result i64)
    (local $sum i64)
    (loop $again
      (local.set $sum (i64.add (local.get $sum) (i64.load (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $again (i32.lt_u (local.get $at) (local.get $end))))
    (local.get $sum))

  (func (export "golem:it/api#calculate") (param $times i64) (result i64)
    (local $numbers i32) (local $copy i32) (local $index i32) (local $time i64) (local $total i64)
    (local.set $numbers (call $allocate (i32.const 80000)))
    (local.set $copy (call $allocate (i32.const 80000)))
    (loop $fill
      (i64.store (i32.add (local.get $numbers) (i32.shl (local.get $index) (i32.const 3)))
        (i64.extend_i32_u (local.get $index)))
      (local.set $index (i32.add (local.get $index) (i32.const 1)))
      (br_if $fill (i32.lt_u (local.get $index) (i32.const 10000))))
    (loop $again
      (memory.copy (local.get $copy) (local.get $numbers) (i32.const 80000))
      (if (i64.eqz (i64.and (local.get $time) (i64.const 1))) (then
        (call $reverse (local.get $copy) (i32.add (local.get $copy) (i32.const 79992)))))
      (local.set $total (i64.add (local.get $total)
        (call $sum (local.get $copy) (i32.add (local.get $copy) (i32.const 80000)))))
      (local.set $time (i64.add (local.get $time) (i64.const 1)))
      (br_if $again (i64.lt_u (local.get $time) (local.get $times))))
    (global.set $next (global.get $heap))
    (i64.div_u (local.get $total) (local.get $times)))

  ;; Stores at $to the reverse of the text that $from tells of.
  (func $reversed (param $from i32) (param $to i32)
    (local $source i32) (local $target i32) (local $end i32)
    (local.set $source (i32.load (local.get $from)))
    (local.set $target (call $allocate (i32.load offset=4 (local.get $from))))
    (i32.store (local.get $to) (local.get $target))
    (i32.store offset=4 (local.get $to) (i32.load offset=4 (local.get $from)))
    (local.set $end (i32.add (local.get $source) (i32.load offset=4 (local.get $from))))
    (loop $again
      (if (i32.lt_u (local.get $source) (local.get $end)) (then
        (local.set $end (i32.sub (local.get $end) (i32.const 1)))
        (i32.store8 (local.get $target) (i32.load8_u (local.get $end)))
        (local.set $target (i32.add (local.get $target) (i32.const 1)))
        (br $again)))))

  ;; A datum takes 32 bytes: three texts and a number.
  (func (export "golem:it/api#process") (param $from i32) (param $length i32) (result i32)
    (local $out i32) (local $to i32) (local $end i32)
    (local.set $out (call $allocate (i32.shl (local.get $length) (i32.const 5))))
    (local.set $to (i32.add (local.get $out) (i32.shl (local.get $length) (i32.const 5))))
    (local.set $end (i32.add (local.get $from) (i32.shl (local.get $length) (i32.const 5))))
    (loop $again
      (if (i32.lt_u (local.get $from) (local.get $end)) (then
        (local.set $to (i32.sub (local.get $to) (i32.const 32)))
        (call $reversed (local.get $from) (local.get $to))
        (call $reversed (i32.add (local.get $from) (i32.const 8)) (i32.add (local.get $to) (i32.const 8)))
        (call $reversed (i32.add (local.get $from) (i32.const 16)) (i32.add (local.get $to) (i32.const 16)))
        (i64.store offset=24 (local.get $to) (i64.load offset=24 (local.get $from)))
        (local.set $from (i32.add (local.get $from) (i32.const 32)))
        (br $again))))
    (call $pair (local.get $out) (local.get $length)))

  ;; The worker whose name has "callee" where this one's has "caller".
  (func $remote (result i32)
    (local $name i32)
    (if (i32.eqz (global.get $other)) (then
      (call $self (i32.const 1152))
      (local.set $name (call $allocate (i32.load (i32.const 1172))))
      (memory.copy (local.get $name) (i32.load (i32.const 1168)) (i32.load (i32.const 1172)))
      (memory.copy (local.get $name) (i32.const 16) (i32.const 6))
      (global.set $other (call $connect (i64.load (i32.const 1152)) (i64.load (i32.const 1160))
        (local.get $name) (i32.load (i32.const 1172))))))
    (global.get $other))

  ;; Nodes are 24 bytes: their kind, and at 8 what they hold.
  (func $node (param $nodes i32) (param $index i32) (result i32)
    (i32.add (local.get $nodes) (i32.mul (local.get $index) (i32.const 24))))

  ;; Invokes with one parameter; gives the nodes of the results.
  (func $invoke-remote (param $name i32) (param $length i32) (param $nodes i32) (param $count i32) (result i32)
    (i32.store (i32.const 1040) (local.get $nodes))
    (i32.store (i32.const 1044) (local.get $count))
    (call $invoke (call $remote) (local.get $name) (local.get $length)
      (i32.const 1040) (i32.const 1) (i32.const 1056))
    (if (i32.load8_u (i32.const 1056)) (then unreachable))
    (i32.load (i32.const 1060)))

  ;; The node of the one result: the first of the tuple that the first node is.
  (func $result-of (param $nodes i32) (result i32)
    (call $node (local.get $nodes) (i32.load (i32.load offset=8 (local.get $nodes)))))

  (func $text-node (param $node i32) (param $from i32)
    (i32.store8 (local.get $node) (i32.const 20))
    (i64.store offset=8 (local.get $node) (i64.load (local.get $from))))

  (func (export "golem:itrpc/rpc-api#echo") (param $at i32) (param $length i32) (result i32)
    (local $node i32)
    (local.set $node (call $allocate (i32.const 24)))
    (call $text-node (local.get $node) (call $pair (local.get $at) (local.get $length)))
    (i32.add (i32.const 8) (call $result-of
      (call $invoke-remote (i32.const 32) (i32.const 19) (local.get $node) (i32.const 1)))))

  (func (export "golem:itrpc/rpc-api#calculate") (param $times i64) (result i64)
    (local $node i32)
    (local.set $node (call $allocate (i32.const 24)))
    (i32.store8 (local.get $node) (i32.const 11))
    (i64.store offset=8 (local.get $node) (local.get $times))
    (local.set $node (call $result-of
      (call $invoke-remote (i32.const 64) (i32.const 24) (local.get $node) (i32.const 1))))
    (global.set $next (global.get $heap))
    (i64.load offset=8 (local.get $node)))

  ;; A list node, and for each datum five: the record, its three texts, its number.
  (func $encode (param $from i32) (param $length i32) (result i32)
    (local $nodes i32) (local $items i32) (local $fields i32) (local $node i32) (local $index i32) (local $field i32)
    (local.set $nodes (call $allocate
      (i32.add (i32.const 24) (i32.mul (local.get $length) (i32.const 120)))))
    (local.set $items (call $allocate (i32.shl (local.get $length) (i32.const 2))))
    (local.set $fields (call $allocate (i32.shl (local.get $length) (i32.const 4))))
    (i32.store8 (local.get $nodes) (i32.const 5))
    (i32.store offset=8 (local.get $nodes) (local.get $items))
    (i32.store offset=12 (local.get $nodes) (local.get $length))
    (local.set $index (i32.const 1))
    (local.set $node (i32.add (local.get $nodes) (i32.const 24)))
    (loop $again
      (if (local.get $length) (then
        (i32.store (local.get $items) (local.get $index))
        (i32.store8 (local.get $node) (i32.const 0))
        (i32.store offset=8 (local.get $node) (local.get $fields))
        (i32.store offset=12 (local.get $node) (i32.const 4))
        (local.set $field (i32.const 1))
        (loop $each
          (i32.store (local.get $fields) (i32.add (local.get $index) (local.get $field)))
          (local.set $fields (i32.add (local.get $fields) (i32.const 4)))
          (local.set $node (i32.add (local.get $node) (i32.const 24)))
          (if (i32.lt_u (local.get $field) (i32.const 4))
            (then (call $text-node (local.get $node) (local.get $from)))
            (else
              (i32.store8 (local.get $node) (i32.const 11))
              (i64.store offset=8 (local.get $node) (i64.load (local.get $from)))))
          (local.set $from (i32.add (local.get $from) (i32.const 8)))
          (local.set $field (i32.add (local.get $field) (i32.const 1)))
          (br_if $each (i32.le_u (local.get $field) (i32.const 4))))
        (local.set $node (i32.add (local.get $node) (i32.const 24)))
        (local.set $items (i32.add (local.get $items) (i32.const 4)))
        (local.set $index (i32.add (local.get $index) (i32.const 5)))
        (local.set $length (i32.sub (local.get $length) (i32.const 1)))
        (br $again))))
    (local.get $nodes))

  (func $decode (param $nodes i32) (result i32)
    (local $list i32) (local $items i32) (local $left i32) (local $out i32) (local $to i32) (local $fields i32)
    (local $field i32)
    (local.set $list (call $result-of (local.get $nodes)))
    (local.set $items (i32.load offset=8 (local.get $list)))
    (local.set $left (i32.load offset=12 (local.get $list)))
    (local.set $out (call $allocate (i32.shl (local.get $left) (i32.const 5))))
    (local.set $to (local.get $out))
    (loop $again
      (if (local.get $left) (then
        (local.set $fields (i32.load offset=8
          (call $node (local.get $nodes) (i32.load (local.get $items)))))
        (local.set $field (i32.const 0))
        (loop $each
          (i64.store (local.get $to) (i64.load offset=8
            (call $node (local.get $nodes) (i32.load (local.get $fields)))))
          (local.set $fields (i32.add (local.get $fields) (i32.const 4)))
          (local.set $to (i32.add (local.get $to) (i32.const 8)))
          (local.set $field (i32.add (local.get $field) (i32.const 1)))
          (br_if $each (i32.lt_u (local.get $field) (i32.const 4))))
        (local.set $items (i32.add (local.get $items) (i32.const 4)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $again))))
    (call $pair (local.get $out) (i32.load offset=12 (local.get $list))))

  (func (export "golem:itrpc/rpc-api#process") (param $from i32) (param $length i32) (result i32)
    (call $decode (call $invoke-remote (i32.const 96) (i32.const 22)
      (call $encode (local.get $from) (local.get $length))
      (i32.add (i32.const 1) (i32.mul (local.get $length) (i32.const 5)))))))
