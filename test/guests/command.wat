;; A program for WASI preview 1: writes its arguments, each on a line; exits with their number where there are several.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  ;; 0: count, 4: bytes, 8: a vector of one, 16: bytes written, 1024: pointers, 4096: texts
  (func (export "_start")
    (local $index i32)
    (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
    (drop (call $args_get (i32.const 1024) (i32.const 4096)))
    (i32.store (i32.const 8) (i32.const 4096))
    (i32.store (i32.const 12) (i32.load (i32.const 4)))
    ;; Each text ends with a zero.
    (block $ended
      (loop $next
        (br_if $ended (i32.ge_u (local.get $index) (i32.load (i32.const 4))))
        (if (i32.eqz (i32.load8_u offset=4096 (local.get $index)))
          (then (i32.store8 offset=4096 (local.get $index) (i32.const 10))))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br $next)))
    (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))
    (if (i32.gt_u (i32.load (i32.const 0)) (i32.const 1))
      (then (call $proc_exit (i32.load (i32.const 0)))))))
