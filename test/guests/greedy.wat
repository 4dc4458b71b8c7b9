;; A program whose allocator takes all memory for its own, as those of Go and AssemblyScript do, and writes all over it
;; between calls of the host.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; 8: a vector of one, 16: bytes written
  (data (i32.const 8) "\40\00\00\00\06\00\00\00")
  (data (i32.const 64) "whole\0a")
  (func $fill (param $from i32)
    (memory.fill
      (local.get $from)
      (i32.const 255)
      (i32.sub (i32.mul (memory.size) (i32.const 65536)) (local.get $from))))
  (func $say
    (if (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)) (then unreachable)))
  (func (export "_start")
    (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
    (call $fill (i32.const 128))
    (call $say)
    (if (i32.ne (memory.grow (i32.const 3)) (i32.const 1)) (then unreachable))
    (call $fill (i32.const 65536))
    (call $say)))
