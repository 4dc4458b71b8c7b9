;; Imports a function that no host has.
(module
  (import "test:missing/nowhere@1.0.0" "go-there" (func $go-there))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "fine") (result i32) (i32.const 7))
  (func (export "lost") (call $go-there)))
