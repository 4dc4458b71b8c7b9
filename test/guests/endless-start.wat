;; Its start function never ends. Start functions can't be suspended, so an executor that instantiates it hangs.
(component
  (core module $endless
    (func $spin (loop $again (br $again)))
    (start $spin)
    (func (export "f") (result i32) (i32.const 1)))
  (core instance $endless (instantiate $endless))
  (func (export "f") (result u32) (canon lift (core func $endless "f"))))
