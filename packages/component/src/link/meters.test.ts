import assert from "node:assert/strict";
import { test } from "node:test";
import type { FuelHooks } from "../host.ts";
import { call, guest } from "./guest-for-tests.ts";

const looping = `(component
  (core module $m
    (memory (export "memory") 1)
    (func $spin (param $n i32)
      (loop $again (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (call $spin (i32.const 1000))
      (i32.const 64))
    (func (export "run") (param i32) (call $spin (local.get 0)))
    (func (export "take") (param i32 i32)))
  (core instance $i (instantiate $m))
  (func (export "run") (param "n" u32) (canon lift (core func $i "run")))
  (func (export "take") (param "text" string)
    (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))`;

interface Counted {
  readonly hooks: FuelHooks;
  readonly counts: { ticks: number; waits: number };
}

function counted(decide: () => 0 | 1 | 2, wait: () => boolean | Promise<boolean> = () => false): Counted {
  const counts = { ticks: 0, waits: 0 };
  const tick = (): 0 | 1 | 2 => (counts.ticks++, decide());
  return { counts, hooks: { slice: 100, tick, wait: () => (counts.waits++, wait()) } };
}

const n = (value: number): never => value as never;

test("tick is asked once for each slice, and fuel is counted", async () => {
  const { hooks, counts } = counted(() => 0);
  const instance = await guest(looping, undefined, { fuel: hooks });
  assert.equal(instance.fuelUsed(), 0);
  await call(instance, "run", n(1000));
  assert.ok(counts.ticks >= 9 && counts.ticks <= 11, `${counts.ticks} ticks`);
  const used = instance.fuelUsed();
  assert.ok(used >= 1000 && used <= 1010, `${used} units`);
  await call(instance, "run", n(1000));
  assert.equal(instance.fuelUsed(), used * 2);
});

test("a guest yields through wait, and goes on after it", async () => {
  const { hooks, counts } = counted(
    () => 1,
    () => Promise.resolve(false),
  );
  const instance = await guest(looping, undefined, { fuel: hooks });
  await call(instance, "run", n(1000));
  assert.equal(counts.waits, counts.ticks);
});

test("a guest does not yield in realloc, where a host frame is below it", async () => {
  const { hooks, counts } = counted(() => 1);
  const instance = await guest(looping, undefined, { fuel: hooks });
  await call(instance, "take", "x" as never);
  assert.ok(counts.ticks >= 9);
  assert.equal(counts.waits, 0);
});

test("tick and wait can end the guest", async () => {
  for (const { hooks } of [
    counted(() => 2),
    counted(
      () => 1,
      () => true,
    ),
    counted(
      () => 1,
      () => Promise.resolve(true),
    ),
  ]) {
    const instance = await guest(looping, undefined, { fuel: hooks });
    await assert.rejects(call(instance, "run", n(1000)), { code: "trap", trap: "ended" });
  }
});

test("abort from tick, or during the wait, ends an endless loop with the reason", async () => {
  const reason = new Error("interrupted");
  const { hooks } = counted(() => (instance.abort(reason), 1));
  const instance = await guest(looping, undefined, { fuel: hooks });
  await assert.rejects(call(instance, "run", n(0)), (error) => error === reason);

  const never = counted(
    () => 1,
    () => new Promise(() => undefined),
  );
  const other = await guest(looping, undefined, { fuel: never.hooks });
  const running = call(other, "run", n(0));
  other.abort(reason);
  await assert.rejects(running, (error) => error === reason);
});

test("an error thrown by a hook rejects the call with that object", async () => {
  const failure = new Error("meter broken");
  const broken = counted(() => {
    throw failure;
  });
  const instance = await guest(looping, undefined, { fuel: broken.hooks });
  await assert.rejects(call(instance, "run", n(1000)), (error) => error === failure);
});

test("a start function runs after the hooks are set", async () => {
  const { hooks, counts } = counted(() => 0);
  const instance = await guest(
    `(component
      (core module $m
        (global $g (mut i32) (i32.const 0))
        (func $start (local $n i32)
          (local.set $n (i32.const 1000))
          (loop $again (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (global.set $g (i32.const 1)))
        (start $start)
        (func (export "get") (result i32) (global.get $g)))
      (core instance $i (instantiate $m))
      (func (export "get") (result u32) (canon lift (core func $i "get"))))`,
    undefined,
    { fuel: hooks },
  );
  assert.ok(counts.ticks >= 9);
  assert.equal(await call(instance, "get"), 1);
});
