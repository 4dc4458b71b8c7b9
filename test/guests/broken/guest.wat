;; Traps as soon as it starts.
(module
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func $start unreachable)
  (start $start)
  (func (export "run") (result i32) (i32.const 1)))
