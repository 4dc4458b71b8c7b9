import assert from "node:assert/strict";
import { test } from "node:test";
import { call, guest, suspending, sync } from "./guest-for-tests.ts";

/** Waits in its import; a handler around it would note that it went on. */
const waiting = `(component
  (import "wait" (func $wait))
  (import "note" (func $note))
  (core func $wait' (canon lower (func $wait)))
  (core func $note' (canon lower (func $note)))
  (core module $m
    (import "" "wait" (func $wait))
    (import "" "note" (func $note))
    (func (export "run")
      try
        call $wait
      catch_all
      end
      call $note))
  (core instance $i (instantiate $m (with "" (instance
    (export "wait" (func $wait')) (export "note" (func $note'))))))
  (func (export "run") (canon lift (core func $i "run"))))`;

const reason = new Error("evicted");
const isReason = (error: unknown): boolean => error === reason;

test("abort of a waiting guest rejects its call with the reason, and no handler of the guest runs", async () => {
  let noted = 0;
  const never = new Promise(() => undefined);
  const instance = await guest(waiting, suspending({ wait: () => never, note: () => noted++ }));
  const running = call(instance, "run");
  instance.abort(reason);
  await assert.rejects(running, isReason);
  assert.equal(noted, 0);
  assert.ok(!instance.isBusy);
  await assert.rejects(call(instance, "run"), { trap: "ended", message: /evicted/ });
});

test("a wait that settles after the abort has no effect", async () => {
  for (const how of ["resolve", "reject"] as const) {
    const wait = Promise.withResolvers<undefined>();
    let noted = 0;
    const instance = await guest(waiting, suspending({ wait: () => wait.promise, note: () => noted++ }));
    const running = call(instance, "run");
    instance.abort(reason);
    if (how === "resolve") wait.resolve(undefined);
    else wait.reject(new Error("too late"));
    await assert.rejects(running, isReason);
    assert.equal(noted, 0);
  }
});

test("abort from within a host function ends the guest at its next call of an import", async () => {
  let noted = 0;
  const functions = { wait: () => instance.abort(reason), note: () => noted++ };
  const instance = await guest(waiting, sync(functions));
  await assert.rejects(call(instance, "run"), isReason);
  assert.equal(noted, 0);
});

test("abort from within a host function that returns a string, whose memory the guest allocates, holds", async () => {
  const instance = await guest(
    `(component
      (import "name" (func $name (result string)))
      (core module $libc (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 64))
      (core instance $libc (instantiate $libc))
      (core func $name' (canon lower (func $name)
        (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
      (core module $m (import "" "name" (func $name (param i32)))
        (func (export "run") (loop $again (call $name (i32.const 8)) (br $again))))
      (core instance $i (instantiate $m (with "" (instance (export "name" (func $name'))))))
      (func (export "run") (canon lift (core func $i "run"))))`,
    sync({ name: () => (instance.abort(reason), "x") }),
  );
  await assert.rejects(call(instance, "run"), isReason);
});

test("abort of an idle instance refuses later calls, and only the first reason counts", async () => {
  const instance = await guest(waiting, sync({ wait: () => undefined, note: () => undefined }));
  await call(instance, "run");
  instance.abort(reason);
  instance.abort(new Error("another"));
  assert.equal(instance.failure?.error, reason);
  await assert.rejects(call(instance, "run"), { trap: "ended" });
});

test("abort reaches a guest that waits below an adapter", async () => {
  const instance = await guest(
    `(component
      (import "wait" (func $wait))
      (component $inner
        (import "wait" (func $wait))
        (core func $wait' (canon lower (func $wait)))
        (core module $m (import "" "wait" (func $wait)) (func (export "f") call $wait))
        (core instance $i (instantiate $m (with "" (instance (export "wait" (func $wait'))))))
        (func (export "f") (canon lift (core func $i "f"))))
      (component $outer
        (import "f" (func $f))
        (core func $f' (canon lower (func $f)))
        (core module $m (import "" "f" (func $f))
          (func (export "g") try call $f catch_all end))
        (core instance $i (instantiate $m (with "" (instance (export "f" (func $f'))))))
        (func (export "g") (canon lift (core func $i "g"))))
      (instance $in (instantiate $inner (with "wait" (func $wait))))
      (instance $out (instantiate $outer (with "f" (func $in "f"))))
      (export "run" (func $out "g")))`,
    suspending({ wait: () => new Promise(() => undefined) }),
  );
  const running = call(instance, "run");
  instance.abort(reason);
  await assert.rejects(running, isReason);
});
