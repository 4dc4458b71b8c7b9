import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import type { FuelHooks } from "../host.ts";
import type { Instance } from "./instance.ts";
import { call, compileText, guest, importsOf } from "./guest-for-tests.ts";
import { instantiate } from "./instance.ts";

const counting = `(component
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (core module $m
    (import "libc" "memory" (memory 1))
    (global $count (mut i64) (i64.const 0))
    (memory $own 2)
    (func (export "add") (result i64)
      (global.set $count (i64.add (global.get $count) (i64.const 1)))
      (i64.store 0 (i32.const 8) (global.get $count))
      (i64.store $own (i32.const 70000) (global.get $count))
      (i64.add (i64.load 0 (i32.const 8)) (i64.load $own (i32.const 70000)))))
  (core instance $i (instantiate $m (with "libc" (instance $libc))))
  (func (export "add") (result u64) (canon lift (core func $i "add"))))`;

const fuel: FuelHooks = { slice: 1000, tick: () => 0, wait: () => false };

test("memories and globals have stable paths, and restoring them continues where the other instance was", async () => {
  const instance = await guest(counting, undefined, { fuel });
  for (let times = 0; times < 5; times++) await call(instance, "add");
  const { memories, globals } = instance.state();
  assert.deepEqual(
    memories.map(({ path }) => path),
    ["core/0/memory/0", "core/1/memory/1"],
  );
  assert.deepEqual(
    globals.map(({ path, part }) => [path, part.value]),
    [["core/1/global/0", 5n]],
  );
  const other = await guest(counting, undefined, { fuel });
  copyState(instance, other);
  assert.equal(await call(other, "add"), 12n);
});

function copyState(from: Instance, to: Instance): void {
  const source = from.state();
  const target = to.state();
  for (const [index, { part }] of source.memories.entries()) {
    const into = target.memories[index]?.part;
    assert.ok(into);
    new Uint8Array(into.buffer).set(new Uint8Array(part.buffer));
  }
  for (const [index, { part }] of source.globals.entries()) {
    const into = target.globals[index]?.part;
    assert.ok(into);
    into.value = part.value;
  }
}

test("memoryBytes adds up all memories once, rewritten or not", async () => {
  assert.equal((await guest(counting, undefined, { fuel })).memoryBytes(), 3 * 65_536);
  // Without rewriting only exported memories are visible.
  assert.equal((await guest(counting)).memoryBytes(), 65_536);
});

test("a compiled component can be sent to another thread and instantiated there", async () => {
  const component = await compileText(counting, true);
  const entry = new URL("instance.ts", import.meta.url).href;
  const code = `
    import { parentPort, workerData } from "node:worker_threads";
    const { instantiate } = await import(${JSON.stringify(entry)});
    const instance = await instantiate(workerData, { instance: () => undefined, missing: () => undefined });
    parentPort.postMessage(await instance.function(undefined, "add").call([]));`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: component });
  const [result] = (await once(worker, "message")) as [unknown];
  assert.equal(result, 2n);
  await worker.terminate();
});

test("an instance without imports needs nothing of the host", async () => {
  const instance = await instantiate(await compileText(counting), importsOf());
  assert.equal(await call(instance, "add"), 2n);
});
