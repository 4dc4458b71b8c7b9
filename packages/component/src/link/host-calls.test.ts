import assert from "node:assert/strict";
import { test } from "node:test";
import { ComponentError } from "../errors.ts";
import { call, compileText, guest, importsOf, suspending, sync } from "./guest-for-tests.ts";
import { instantiate } from "./instance.ts";

/** Calls its import in a `try` with `catch_all`, and counts in a global what happened. */
const catching = `(component
  (import "work" (func $work (result u32)))
  (core func $work' (canon lower (func $work)))
  (core module $m
    (import "" "work" (func $work (result i32)))
    (global $caught (mut i32) (i32.const 0))
    (func (export "run") (result i32)
      try (result i32)
        call $work
      catch_all
        (global.set $caught (i32.const 1))
        i32.const 77
      end)
    (func (export "caught") (result i32) (global.get $caught)))
  (core instance $i (instantiate $m (with "" (instance (export "work" (func $work'))))))
  (func (export "run") (result u32) (canon lift (core func $i "run")))
  (func (export "caught") (result u32) (canon lift (core func $i "caught"))))`;

for (const [kind, host] of [
  ["sync", sync],
  ["suspending", suspending],
] as const) {
  test(`a ${kind} host function's result reaches the guest`, async () => {
    assert.equal(await call(await guest(catching, host({ work: () => 5 })), "run"), 5);
  });

  test(`an error of a ${kind} host function ends the guest, and the call rejects with that object`, async () => {
    const failure = new Error("disk on fire");
    const instance = await guest(
      catching,
      host({
        work: () => {
          throw failure;
        },
      }),
    );
    await assert.rejects(call(instance, "run"), (error) => error === failure);
    await assert.rejects(call(instance, "caught"), { code: "trap", trap: "ended", message: /disk on fire/ });
    assert.equal(instance.failure?.error, failure);
  });

  test(`a ${kind} host function's result of the wrong type ends the guest with a type error`, async () => {
    const instance = await guest(catching, host({ work: () => -1 }));
    await assert.rejects(call(instance, "run"), {
      code: "type",
      message: "result of a host function: expected a number in the range of u32, found -1",
    });
    assert.ok(instance.failure);
  });
}

test("a suspending host function may return a promise, whose rejection the guest can't catch", async () => {
  assert.equal(await call(await guest(catching, suspending({ work: () => Promise.resolve(6) })), "run"), 6);
  const failure = new Error("too late");
  const instance = await guest(catching, suspending({ work: () => Promise.reject(failure) }));
  await assert.rejects(call(instance, "run"), (error) => error === failure);
});

test("a missing function traps only when it is called, with what `missing` throws", async () => {
  const instance = await guest(catching);
  await assert.rejects(call(instance, "run"), /no host function root#work/);
});

test("missing is asked once for each function, with its type", async () => {
  const asked: unknown[] = [];
  const component = await compileText(`(component
    (import "a:b/c@1.0.0" (instance (export "f" (func (param "x" u8))) (export "g" (func))))
    (import "types:only/here@0.2.0" (instance (export "r" (type (sub resource))) (type $t u8) (export "t" (type (eq $t)))))
    (import "empty:instance/here" (instance)))`);
  await instantiate(component, {
    instance: () => undefined,
    missing: (imported) => {
      asked.push(imported);
      return { kind: "sync", call: () => undefined };
    },
  });
  const parameters = [{ name: "x", type: { kind: "u8" } }];
  assert.deepEqual(asked, [
    { instance: "a:b/c@1.0.0", name: "f", type: { parameters } },
    { instance: "a:b/c@1.0.0", name: "g", type: { parameters: [] } },
  ]);
});

test("an import of a module is refused when linking", async () => {
  const component = await compileText(`(component (import "m" (core module)))`);
  await assert.rejects(instantiate(component, importsOf()), { code: "link" });
});

test("an imported instance is found by a compatible version", async () => {
  const component = await compileText(`(component
    (import "a:b/c@0.2.3" (instance $c (export "f" (func (result u32)))))
    (alias export $c "f" (func $f))
    (core func $f' (canon lower (func $f)))
    (core module $m (import "" "f" (func $f (result i32))) (export "f" (func $f)))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f'))))))
    (func (export "run") (result u32) (canon lift (core func $i "f"))))`);
  const instance = await instantiate(component, importsOf({ "a:b/c@0.2.0": sync({ f: () => 42 }) }));
  assert.equal(await call(instance, "run"), 42);
});

test("a call while another is under way is refused and does no harm", async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const instance = await guest(catching, suspending({ work: () => promise }));
  const first = call(instance, "run");
  assert.ok(instance.isBusy);
  await assert.rejects(call(instance, "caught"), { code: "trap", trap: "re-entrance" });
  resolve(8);
  assert.equal(await first, 8);
  assert.equal(await call(instance, "caught"), 0);
});

test("a host function that calls back into its guest gets an error, and the guest ends if it passes it on", async () => {
  let again: (() => Promise<unknown>) | undefined;
  const instance = await guest(catching, suspending({ work: () => again?.() }));
  again = () => call(instance, "caught");
  await assert.rejects(call(instance, "run"), { trap: "re-entrance" });
});

test("callSync calls functions that can't wait, and refuses others", async () => {
  const plain = await guest(catching, sync({ work: () => 5 }));
  assert.equal(plain.function(undefined, "run")?.isSync, true);
  assert.equal(plain.function(undefined, "run")?.callSync([]), 5);
  const waiting = await guest(catching, suspending({ work: () => 5 }));
  assert.equal(waiting.function(undefined, "run")?.isSync, false);
  assert.throws(() => waiting.function(undefined, "run")?.callSync([]), ComponentError);
});

/** Calls its import while the host lowers a string into it. */
const callingFromRealloc = `(component
  (import "work" (func $work))
  (core func $work' (canon lower (func $work)))
  (core module $m
    (import "" "work" (func $work))
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) call $work i32.const 8)
    (func (export "run") (param i32 i32)))
  (core instance $i (instantiate $m (with "" (instance (export "work" (func $work'))))))
  (func (export "run") (param "text" string)
    (canon lift (core func $i "run") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))`;

for (const host of [sync, suspending]) {
  test(`a ${host.name} host function can't be called from realloc: the guest may not leave its instance there`, async () => {
    const instance = await guest(callingFromRealloc, host({ work: () => assert.fail("is not called") }));
    await assert.rejects(call(instance, "run", "x" as never), { reason: "cannot leave component instance" });
  });
}

/** Calls its import in a destructor, with a handler for whatever that throws. */
const callingFromDestructor = `(component
  (import "work" (func $work (result u32)))
  (core func $work' (canon lower (func $work)))
  (core module $d
    (import "" "work" (func $work (result i32)))
    (global $got (mut i32) (i32.const 0))
    (func (export "drop") (param i32)
      try (global.set $got (call $work)) catch_all end)
    (func (export "got") (result i32) (global.get $got)))
  (core instance $d (instantiate $d (with "" (instance (export "work" (func $work'))))))
  (type $r (resource (rep i32) (dtor (core func $d "drop"))))
  (core func $drop (canon resource.drop $r))
  (core module $m
    (import "" "drop" (func $drop (param i32)))
    (func (export "run") (param i32) (call $drop (local.get 0))))
  (core instance $i (instantiate $m (with "" (instance (export "drop" (func $drop))))))
  (export $r' "r" (type $r))
  (func (export "run") (param "it" (own $r')) (canon lift (core func $i "run")))
  (func (export "got") (result u32) (canon lift (core func $d "got"))))`;

test("a destructor may call a function that may wait, as long as it does not wait", async () => {
  const instance = await guest(callingFromDestructor, suspending({ work: () => 7 }));
  await call(instance, "run", 1 as never);
  assert.equal(await call(instance, "got"), 7);
});
