import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostInstance } from "../host.ts";
import { call, compileText, guest, importsOf } from "./guest-for-tests.ts";
import { instantiate } from "./instance.ts";

/** Defines a resource whose representation is chosen by the host, and notes which one was destroyed last. */
const counters = `(component
  (core module $state
    (global $dropped (mut i32) (i32.const -1))
    (func (export "drop") (param i32) (global.set $dropped (local.get 0)))
    (func (export "dropped") (result i32) (global.get $dropped)))
  (core instance $state (instantiate $state))
  (type $counter (resource (rep i32) (dtor (core func $state "drop"))))
  (core func $new (canon resource.new $counter))
  (core func $drop (canon resource.drop $counter))
  (core func $rep (canon resource.rep $counter))
  (core module $m
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "rep" (func $rep (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "get") (param i32) (result i32) (local.get 0))
    (func (export "handle") (param i32) (result i32) (local.get 0))
    (func (export "consume") (param i32) (call $drop (local.get 0)))
    (func (export "read") (param i32) (result i32) (call $rep (local.get 0))))
  (core instance $i (instantiate $m (with "" (instance
    (export "new" (func $new)) (export "drop" (func $drop)) (export "rep" (func $rep))))))
  (export $counter' "counter" (type $counter))
  (func (export "make") (param "value" u32) (result (own $counter')) (canon lift (core func $i "make")))
  (func (export "get") (param "self" (borrow $counter')) (result u32) (canon lift (core func $i "get")))
  (func (export "handle") (param "self" (own $counter')) (result u32) (canon lift (core func $i "handle")))
  (func (export "consume") (param "self" u32) (canon lift (core func $i "consume")))
  (func (export "read") (param "handle" u32) (result u32) (canon lift (core func $i "read")))
  (func (export "dropped") (result s32) (canon lift (core func $state "dropped"))))`;

const n = (value: number): never => value as never;

test("a guest's resource crosses to the host and back as its representation", async () => {
  const instance = await guest(counters);
  assert.equal(await call(instance, "make", n(700)), 700);
  assert.equal(await call(instance, "get", n(700)), 700);
});

test("an owned resource given to the guest takes a handle; indices are reused last dropped first", async () => {
  const instance = await guest(counters);
  assert.equal(await call(instance, "handle", n(5)), 1);
  assert.equal(await call(instance, "handle", n(6)), 2);
  assert.equal(await call(instance, "handle", n(7)), 3);
  assert.equal(await call(instance, "read", n(2)), 6);
  await call(instance, "consume", n(2));
  assert.equal(await call(instance, "dropped"), 6);
  await call(instance, "consume", n(1));
  assert.equal(await call(instance, "handle", n(8)), 1);
  assert.equal(await call(instance, "handle", n(9)), 2);
  const [table] = instance.state().handles;
  assert.deepEqual(table?.part.save(), { resource: [0, 1, 1, 1], representation: [0, 8, 9, 7], free: [] });
});

test("handle tables can be saved and restored into another instance", async () => {
  const instance = await guest(counters);
  for (const value of [5, 6, 7]) await call(instance, "handle", n(value));
  await call(instance, "consume", n(2));
  const saved = structuredClone(instance.state().handles.map(({ path, part }) => ({ path, state: part.save() })));
  const other = await guest(counters);
  for (const { path, part } of other.state().handles) {
    const state = saved.find((one) => one.path === path)?.state;
    assert.ok(state);
    part.restore(state);
  }
  assert.equal(await call(other, "read", n(3)), 7);
  assert.equal(await call(other, "handle", n(10)), 2);
  assert.equal(await call(other, "handle", n(11)), 4);
});

test("use of a dropped or unknown handle traps", async () => {
  for (const [name, handle] of [
    ["read", 1],
    ["consume", 1],
    ["read", 0],
  ] as const) {
    const instance = await guest(counters);
    await assert.rejects(call(instance, name, n(handle)), {
      trap: "canonical-abi",
      reason: `unknown handle index ${handle}`,
    });
  }
});

test("dropResource runs the guest's destructor", async () => {
  const instance = await guest(counters);
  const result = instance.function(undefined, "make")?.type.result;
  assert.equal(result?.kind, "own");
  await instance.dropResource(result.resource, 41);
  assert.equal(await call(instance, "dropped"), 41);
});

const hostFile = `(component
  (import "files" (instance $files
    (export "file" (type $file (sub resource)))
    (export "open" (func (param "name" u32) (result (own $file))))
    (export "read" (func (param "self" (borrow $file)) (result u32)))
    (export "read-all" (func (param "all" (list (borrow $file))) (result u32)))
    (export "close" (func (param "self" (own $file))))))
  (alias export $files "file" (type $file))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (core func $open (canon lower (func $files "open")))
  (core func $read (canon lower (func $files "read")))
  (core func $read-all (canon lower (func $files "read-all") (memory (core memory $libc "memory"))))
  (core func $close (canon lower (func $files "close")))
  (core func $drop (canon resource.drop $file))
  (core module $m
    (import "" "memory" (memory 1))
    (import "" "open" (func $open (param i32) (result i32)))
    (import "" "read" (func $read (param i32) (result i32)))
    (import "" "read-all" (func $read-all (param i32 i32) (result i32)))
    (import "" "close" (func $close (param i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "open") (param i32) (result i32) (call $open (local.get 0)))
    (func (export "read") (param i32) (result i32) (call $read (local.get 0)))
    (func (export "read-both") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0))
      (i32.store (i32.const 20) (local.get 1))
      (call $read-all (i32.const 16) (i32.const 2)))
    (func (export "close") (param i32) (call $close (local.get 0)))
    (func (export "drop") (param i32) (call $drop (local.get 0))))
  (core instance $i (instantiate $m (with "" (instance
    (export "memory" (memory $libc "memory"))
    (export "open" (func $open)) (export "read" (func $read)) (export "read-all" (func $read-all))
    (export "close" (func $close)) (export "drop" (func $drop))))))
  (func (export "open") (param "name" u32) (result u32) (canon lift (core func $i "open")))
  (func (export "read") (param "handle" u32) (result u32) (canon lift (core func $i "read")))
  (func (export "read-both") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "read-both")))
  (func (export "close") (param "handle" u32) (canon lift (core func $i "close")))
  (func (export "drop") (param "handle" u32) (canon lift (core func $i "drop"))))`;

function files(log: unknown[]): HostInstance {
  const functions = {
    open: (name: number) => name * 100,
    read: (self: number) => self + 1,
    "read-all": (all: readonly number[]) => (log.push(["read-all", ...all]), all.length),
    close: (self: number) => void log.push(["close", self]),
  };
  return {
    functions: Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, { kind: "sync", call: f }])),
    resources: { file: { kind: "resource", drop: (self) => void log.push(["drop", self]) } },
  };
}

test("a host's resources are handles in the guest, and drop tells the host", async () => {
  const log: unknown[] = [];
  const instance = await instantiate(await compileText(hostFile), importsOf({ files: files(log) }));
  assert.equal(await call(instance, "open", n(3)), 1);
  assert.equal(await call(instance, "open", n(4)), 2);
  assert.equal(await call(instance, "read", n(1)), 301);
  assert.equal(await call(instance, "read-both", n(2), n(1)), 2);
  // Handles that were lent are free again after the call.
  await call(instance, "close", n(1));
  await call(instance, "drop", n(2));
  assert.deepEqual(log, [
    ["read-all", 400, 300],
    ["close", 300],
    ["drop", 400],
  ]);
  assert.equal(instance.state().handles[0]?.part.size, 0);
  await assert.rejects(call(instance, "close", n(1)), { reason: "unknown handle index 1" });
});

test("a resource can't be given away while it is lent in the same call", async () => {
  const text = hostFile
    .replace('(param "self" (own $file))))))', '(param "self" (own $file)) (param "other" (borrow $file)))))) ')
    .replace('(import "" "close" (func $close (param i32)))', '(import "" "close" (func $close (param i32 i32)))')
    .replace("(call $close (local.get 0))", "(call $close (local.get 0) (local.get 0))");
  // Own first: the handle is gone when the borrow is lifted.
  const instance = await instantiate(await compileText(text), importsOf({ files: files([]) }));
  await call(instance, "open", n(3));
  await assert.rejects(call(instance, "close", n(1)), { reason: "unknown handle index 1" });
});

/** One component makes resources whose destructor calls the host; another one drops them. */
const composed = `(component
  (import "wait" (func $wait (param "value" u32)))
  (component $maker
    (import "wait" (func $wait (param "value" u32)))
    (core func $wait (canon lower (func $wait)))
    (core module $m
      (import "" "wait" (func $wait (param i32)))
      (func (export "destroy") (param i32) (call $wait (local.get 0)))
      (func (export "make") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m (with "" (instance (export "wait" (func $wait))))))
    (type $thing (resource (rep i32) (dtor (core func $i "destroy"))))
    (export $exported "thing" (type $thing))
    (core func $new (canon resource.new $thing))
    (core module $n (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0))))
    (core instance $j (instantiate $n (with "" (instance (export "new" (func $new))))))
    (func (export "make") (param "value" u32) (result (own $exported)) (canon lift (core func $j "make"))))
  (instance $made (instantiate $maker (with "wait" (func $wait))))
  (alias export $made "thing" (type $thing))
  (alias export $made "make" (func $make))
  (core func $make (canon lower (func $make)))
  (core func $drop (canon resource.drop $thing))
  (core module $m
    (import "" "make" (func $make (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "run") (param i32) (result i32)
      (call $drop (call $make (local.get 0)))
      (i32.const 7)))
  (core instance $i (instantiate $m (with "" (instance (export "make" (func $make)) (export "drop" (func $drop))))))
  (func (export "run") (param "value" u32) (result u32) (canon lift (core func $i "run"))))`;

test("a destructor may wait for the host, also in another component", async () => {
  const waited: unknown[] = [];
  const wait = async (value: unknown): Promise<void> => {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    waited.push(value);
  };
  const instance = await instantiate(
    await compileText(composed),
    importsOf({ root: { functions: { wait: { kind: "suspending", call: wait } }, resources: {} } }),
  );
  assert.equal(await call(instance, "run", n(5)), 7);
  assert.equal(await call(instance, "run", n(6)), 7);
  assert.deepEqual(waited, [5, 6]);
});
