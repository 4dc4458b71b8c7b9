import assert from "node:assert/strict";
import { test } from "node:test";
import { call, guest, suspending, sync } from "./guest-for-tests.ts";

const n = (value: number): never => value as never;

/** `inner` doubles what the host gives; `outer` calls it and adds one. */
const chained = `(component
  (import "work" (func $work (param "x" u32) (result u32)))
  (component $inner
    (import "work" (func $work (param "x" u32) (result u32)))
    (core func $work' (canon lower (func $work)))
    (core module $m (import "" "work" (func $work (param i32) (result i32)))
      (func (export "f") (param i32) (result i32) (i32.mul (i32.const 2) (call $work (local.get 0)))))
    (core instance $i (instantiate $m (with "" (instance (export "work" (func $work'))))))
    (func (export "f") (param "x" u32) (result u32) (canon lift (core func $i "f"))))
  (component $outer
    (import "f" (func $f (param "x" u32) (result u32)))
    (core func $f' (canon lower (func $f)))
    (core module $m (import "" "f" (func $f (param i32) (result i32)))
      (func (export "g") (param i32) (result i32) (i32.add (i32.const 1) (call $f (local.get 0)))))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f'))))))
    (func (export "g") (param "x" u32) (result u32) (canon lift (core func $i "g"))))
  (instance $in (instantiate $inner (with "work" (func $work))))
  (instance $out (instantiate $outer (with "f" (func $in "f"))))
  (export "g" (func $out "g")))`;

test("components call each other; an adapter suspends only if its callee may", async () => {
  const plain = await guest(chained, sync({ work: (x: number) => x + 10 }));
  assert.equal(plain.function(undefined, "g")?.callSync([5]), 31);
  const waiting = await guest(chained, suspending({ work: async (x: number) => x + 10 }));
  assert.equal(waiting.function(undefined, "g")?.isSync, false);
  assert.equal(await call(waiting, "g", n(5)), 31);
  assert.equal(await call(waiting, "g", n(6)), 33);
});

test("an error of a host function below an adapter rejects the call with that object", async () => {
  const failure = new Error("no");
  for (const host of [sync, suspending]) {
    const instance = await guest(
      chained,
      host({
        work: () => {
          throw failure;
        },
      }),
    );
    await assert.rejects(call(instance, "g", n(1)), (error) => error === failure);
  }
});

test("a trap below an adapter names the frames of the callee", async () => {
  const instance = await guest(`(component
    (component $inner
      (core module $deep (func $fails (export "f") unreachable))
      (core instance $i (instantiate $deep))
      (func (export "f") (canon lift (core func $i "f"))))
    (component $outer
      (import "f" (func $f))
      (core func $f' (canon lower (func $f)))
      (core module $m (import "" "f" (func $f)) (func (export "g") try call $f catch_all end))
      (core instance $i (instantiate $m (with "" (instance (export "f" (func $f'))))))
      (func (export "g") (canon lift (core func $i "g"))))
    (instance $in (instantiate $inner))
    (instance $out (instantiate $outer (with "f" (func $in "f"))))
    (export "g" (func $out "g")))`);
  await assert.rejects(call(instance, "g"), { trap: "unreachable", message: /deep!fails/ });
});

/** A parent that lifts a function, hands it to a child, and calls the child: the call comes back into the parent. */
const parentAndChild = `(component
  (core module $base (func (export "seven") (result i32) i32.const 7))
  (core instance $base (instantiate $base))
  (func $seven (result u32) (canon lift (core func $base "seven")))
  (component $child
    (import "seven" (func $seven (result u32)))
    (core func $seven' (canon lower (func $seven)))
    (core module $m (import "" "seven" (func $seven (result i32)))
      (func (export "f") (result i32) (i32.add (call $seven) (i32.const 1))))
    (core instance $i (instantiate $m (with "" (instance (export "seven" (func $seven'))))))
    (func (export "f") (result u32) (canon lift (core func $i "f"))))
  (instance $child (instantiate $child (with "seven" (func $seven))))
  (core func $f (canon lower (func $child "f")))
  (core module $m (import "" "f" (func $f (result i32)))
    (func (export "run") (result i32) (i32.add (call $f) (i32.const 100))))
  (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))`;

test("a child may call its parent while the parent calls it", async () => {
  assert.equal(await call(await guest(parentAndChild), "run"), 108);
});

/** `user` keeps a borrowed handle, or drops it, as its parameter says. */
const borrowing = `(component
  (component $owner
    (type $r (resource (rep i32)))
    (core func $new (canon resource.new $r))
    (core module $m (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 9))))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (export $r' "r" (type $r))
    (func (export "make") (result (own $r')) (canon lift (core func $i "make"))))
  (component $user
    (import "r" (type $r (sub resource)))
    (core func $drop (canon resource.drop $r))
    (core module $m (import "" "drop" (func $drop (param i32)))
      (func (export "use") (param $handle i32) (param $keep i32)
        (if (i32.eqz (local.get $keep)) (then (call $drop (local.get $handle))))))
    (core instance $i (instantiate $m (with "" (instance (export "drop" (func $drop))))))
    (func (export "use") (param "it" (borrow $r)) (param "keep" bool) (canon lift (core func $i "use"))))
  (component $main
    (import "r" (type $r (sub resource)))
    (import "make" (func $make (result (own $r))))
    (import "use" (func $use (param "it" (borrow $r)) (param "keep" bool)))
    (core func $make' (canon lower (func $make)))
    (core func $use' (canon lower (func $use)))
    (core func $drop (canon resource.drop $r))
    (core module $m
      (import "" "make" (func $make (result i32)))
      (import "" "use" (func $use (param i32 i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "run") (param $keep i32)
        (local $handle i32)
        (local.set $handle (call $make))
        (call $use (local.get $handle) (local.get $keep))
        (call $drop (local.get $handle))))
    (core instance $i (instantiate $m (with "" (instance
      (export "make" (func $make')) (export "use" (func $use')) (export "drop" (func $drop))))))
    (func (export "run") (param "keep" bool) (canon lift (core func $i "run"))))
  (instance $owner (instantiate $owner))
  (instance $user (instantiate $user (with "r" (type $owner "r"))))
  (instance $main (instantiate $main
    (with "r" (type $owner "r")) (with "make" (func $owner "make")) (with "use" (func $user "use"))))
  (export "run" (func $main "run")))`;

test("a borrowed handle must be dropped before the call returns", async () => {
  const instance = await guest(borrowing);
  await call(instance, "run", false as never);
  assert.deepEqual(
    instance.state().handles.map(({ part }) => part.size),
    [0, 0, 0, 0],
  );
  await assert.rejects(call(instance, "run", true as never), {
    reason: "borrow handles still remain at the end of the call",
  });
});

test("a function of the component model can be lifted without a core module in between", async () => {
  const instance = await guest(`(component
    (type $r (resource (rep i32)))
    (core func $new (canon resource.new $r))
    (func (export "new") (param "rep" u32) (result u32) (canon lift (core func $new))))`);
  assert.equal(await call(instance, "new", n(5)), 1);
});
