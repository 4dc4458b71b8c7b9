;; A ledger: a sum in memory, a file that grows, sleeps and promises. The crash suites compare it with what was
;; acknowledged.
(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $outer-pollable))
    (export "pollable" (type $pollable' (eq $outer-pollable)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable'))))))
  (import "golem:api/host@1.1.0" (instance $golem
    (type $uuid (record (field "high-bits" u64) (field "low-bits" u64)))
    (export "uuid" (type $uuid' (eq $uuid)))
    (type $component-id (record (field "uuid" $uuid')))
    (export "component-id" (type $component-id' (eq $component-id)))
    (type $worker-id (record (field "component-id" $component-id') (field "worker-name" string)))
    (export "worker-id" (type $worker-id' (eq $worker-id)))
    (type $promise-id (record (field "worker-id" $worker-id') (field "oplog-idx" u64)))
    (export "promise-id" (type $promise-id' (eq $promise-id)))
    (export "create-promise" (func (result $promise-id')))
    (export "await-promise" (func (param "promise-id" $promise-id') (result (list u8))))))
  (import "wasi:filesystem/types@0.2.0" (instance $files
    (export "descriptor" (type $descriptor (sub resource)))
    (type $descriptor-flags (flags "read" "write" "file-integrity-sync" "data-integrity-sync"
      "requested-write-sync" "mutate-directory"))
    (export "descriptor-flags" (type $descriptor-flags' (eq $descriptor-flags)))
    (type $path-flags (flags "symlink-follow"))
    (export "path-flags" (type $path-flags' (eq $path-flags)))
    (type $open-flags (flags "create" "directory" "exclusive" "truncate"))
    (export "open-flags" (type $open-flags' (eq $open-flags)))
    (type $error-code (enum "access" "would-block" "already" "bad-descriptor" "busy" "deadlock" "quota" "exist"
      "file-too-large" "illegal-byte-sequence" "in-progress" "interrupted" "invalid" "io" "is-directory" "loop"
      "too-many-links" "message-size" "name-too-long" "no-device" "no-entry" "no-lock" "insufficient-memory"
      "insufficient-space" "not-directory" "not-empty" "not-recoverable" "unsupported" "no-tty" "no-such-device"
      "overflow" "not-permitted" "pipe" "read-only" "invalid-seek" "text-file-busy" "cross-device"))
    (export "error-code" (type $error-code' (eq $error-code)))
    (export "[method]descriptor.open-at" (func
      (param "self" (borrow $descriptor)) (param "path-flags" $path-flags') (param "path" string)
      (param "open-flags" $open-flags') (param "flags" $descriptor-flags')
      (result (result (own $descriptor) (error $error-code')))))
    (export "[method]descriptor.write" (func
      (param "self" (borrow $descriptor)) (param "buffer" (list u8)) (param "offset" u64)
      (result (result u64 (error $error-code')))))
    (export "[method]descriptor.read" (func
      (param "self" (borrow $descriptor)) (param "length" u64) (param "offset" u64)
      (result (result (tuple (list u8) bool) (error $error-code')))))))
  (alias export $files "descriptor" (type $descriptor))
  (import "wasi:filesystem/preopens@0.2.0" (instance $preopens
    (alias outer 1 $descriptor (type $outer-descriptor))
    (export "descriptor" (type $descriptor' (eq $outer-descriptor)))
    (export "get-directories" (func (result (list (tuple (own $descriptor') string)))))))

  (core module $memory
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 4096))
    ;; Nothing is freed: what is allocated lives as long as one call, and the next call begins anew.
    (func (export "reset") (global.set $next (i32.const 4096)))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $mem))
  (alias core export $memory "realloc" (core func $realloc))

  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $drop-pollable (canon resource.drop $pollable))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core func $create-promise (canon lower (func $golem "create-promise") (memory $mem) (realloc $realloc)))
  (core func $await-promise (canon lower (func $golem "await-promise") (memory $mem) (realloc $realloc)))
  (core func $get-directories (canon lower (func $preopens "get-directories") (memory $mem) (realloc $realloc)))
  (core func $open-at (canon lower (func $files "[method]descriptor.open-at") (memory $mem) (realloc $realloc)))
  (core func $write (canon lower (func $files "[method]descriptor.write") (memory $mem) (realloc $realloc)))
  (core func $read (canon lower (func $files "[method]descriptor.read") (memory $mem) (realloc $realloc)))

  (core module $ledger
    (import "memory" "memory" (memory 1))
    (import "memory" "reset" (func $reset))
    (import "host" "block" (func $block (param i32)))
    (import "host" "drop-pollable" (func $drop-pollable (param i32)))
    (import "host" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "host" "create-promise" (func $create-promise (param i32)))
    (import "host" "await-promise" (func $await-promise (param i64 i64 i32 i32 i64 i32)))
    (import "host" "get-directories" (func $get-directories (param i32)))
    (import "host" "open-at" (func $open-at (param i32 i32 i32 i32 i32 i32 i32)))
    (import "host" "write" (func $write (param i32 i32 i32 i64 i32)))
    (import "host" "read" (func $read (param i32 i64 i64 i32)))
    (data (i32.const 64) "journal")
    (global $sum (mut i64) (i64.const 0))
    (global $written (mut i64) (i64.const 0))
    (global $file (mut i32) (i32.const 0))

    (func (export "add") (param $amount i64) (result i64)
      (global.set $sum (i64.add (global.get $sum) (local.get $amount)))
      (global.get $sum))

    (func (export "sum") (result i64) (global.get $sum))

    (func (export "sleep") (param $ms i64) (result i64)
      (local $pollable i32)
      (local.set $pollable (call $subscribe (i64.mul (local.get $ms) (i64.const 1000000))))
      (call $block (local.get $pollable))
      (call $drop-pollable (local.get $pollable))
      (global.set $sum (i64.add (global.get $sum) (i64.const 1)))
      (global.get $sum))

    ;; The promise's id stays at 128: two halves of a UUID, the worker's name at 256, the oplog index.
    (func (export "ask") (result i64)
      (local $at i32) (local $end i32)
      (call $reset)
      (call $create-promise (i32.const 128))
      (local.set $at (i32.load (i32.const 144)))
      (memory.copy (i32.const 256) (local.get $at) (i32.load (i32.const 148)))
      (i32.store (i32.const 144) (i32.const 256))
      (i64.load (i32.const 152)))

    ;; Adds the first byte that the promise was completed with.
    (func (export "receive") (result i64)
      (call $reset)
      (call $await-promise (i64.load (i32.const 128)) (i64.load (i32.const 136)) (i32.load (i32.const 144))
        (i32.load (i32.const 148)) (i64.load (i32.const 152)) (i32.const 192))
      (global.set $sum (i64.add (global.get $sum) (i64.extend_i32_u (i32.load8_u (i32.load (i32.const 192))))))
      (global.get $sum))

    (func $open
      (if (i32.eqz (global.get $file)) (then
        (call $get-directories (i32.const 200))
        (call $open-at (i32.load (i32.load (i32.const 200))) (i32.const 0) (i32.const 64) (i32.const 7)
          (i32.const 1) (i32.const 3) (i32.const 208))
        (if (i32.load8_u (i32.const 208)) (then unreachable))
        (global.set $file (i32.load (i32.const 212))))))

    ;; Appends a byte to the file; the result is the file's size.
    (func (export "write") (param $byte i32) (result i64)
      (call $reset)
      (call $open)
      (i32.store8 (i32.const 100) (local.get $byte))
      (call $write (global.get $file) (i32.const 100) (i32.const 1) (global.get $written) (i32.const 216))
      (if (i32.load8_u (i32.const 216)) (then unreachable))
      (global.set $written (i64.add (global.get $written) (i64.const 1)))
      (global.get $written))

    ;; All bytes of the file.
    (func (export "read") (result i32)
      (call $reset)
      (call $open)
      (call $read (global.get $file) (i64.const 65536) (i64.const 0) (i32.const 232))
      (if (i32.load8_u (i32.const 232)) (then unreachable))
      (i32.const 236))

    (func (export "fail") unreachable)

    (func (export "spin") (param $turns i64) (result i64)
      (local $i i64)
      (loop $again
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br_if $again (i64.lt_u (local.get $i) (local.get $turns))))
      (local.get $i)))
  (core instance $ledger (instantiate $ledger
    (with "memory" (instance $memory))
    (with "host" (instance
      (export "block" (func $block))
      (export "drop-pollable" (func $drop-pollable))
      (export "subscribe" (func $subscribe))
      (export "create-promise" (func $create-promise))
      (export "await-promise" (func $await-promise))
      (export "get-directories" (func $get-directories))
      (export "open-at" (func $open-at))
      (export "write" (func $write))
      (export "read" (func $read))))))

  (func (export "add") (param "amount" u64) (result u64) (canon lift (core func $ledger "add")))
  (func (export "sum") (result u64) (canon lift (core func $ledger "sum")))
  (func (export "sleep") (param "ms" u64) (result u64) (canon lift (core func $ledger "sleep")))
  (func (export "ask") (result u64) (canon lift (core func $ledger "ask")))
  (func (export "receive") (result u64) (canon lift (core func $ledger "receive")))
  (func (export "write") (param "byte" u8) (result u64) (canon lift (core func $ledger "write")))
  (func (export "read") (result (list u8)) (canon lift (core func $ledger "read") (memory $mem)))
  (func (export "fail") (canon lift (core func $ledger "fail")))
  (func (export "spin") (param "turns" u64) (result u64) (canon lift (core func $ledger "spin"))))
