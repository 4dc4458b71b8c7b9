import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { rewritten } from "./module-for-tests.ts";
import { depthOf, recursions } from "./recursions-for-tests.ts";
import type { TestInstance } from "./module-for-tests.ts";

// One process for each compiler: its code can't be chosen within a process.
const program = `
  const { depthOf, recursions } = await import(${JSON.stringify(new URL("recursions-for-tests.ts", import.meta.url).href)});
  const depths = {};
  for (const name of Object.keys(recursions)) depths[name] = await depthOf(name, 3_000_000);
  process.stdout.write("depths:" + JSON.stringify(depths) + "\\n");
`;

async function depthsWith(compiler: string): Promise<unknown> {
  const stacks = ["--stack-size=4000", "--wasm-stack-switching-stack-size=4000"];
  const parameters = [compiler, ...stacks, "--conditions=source", "--input-type=module", "--eval", program];
  const environment = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { env: environment });
  return JSON.parse(/depths:(.*)/.exec(stdout)?.[1] ?? "null");
}

test("recursions end at the same depth whichever compiler made the code, before the engine's stack does", async () => {
  const baseline = await depthsWith("--liftoff-only");
  const optimized = await depthsWith("--no-liftoff");
  assert.deepEqual(Object.keys(baseline ?? {}), Object.keys(recursions));
  assert.deepEqual(baseline, optimized);
});

test("a budget of half the size gives half the depth", async () => {
  const large = await depthOf("direct", 200_000);
  assert.ok(large > 1000);
  assert.equal(await depthOf("direct", 100_000), Math.floor(large / 2));
});

const throwing = (handler: string): string => `(module
  (import "host" "fail" (func $fail))
  (tag $e (param i32))
  (global $depth (export "depth") (mut i32) (i32.const 0))
  (func $deep (param $n i32) (param $host i32)
    (if (i32.eqz (local.get $n)) (then
      (if (local.get $host) (then (call $fail)))
      (throw $e (i32.const 42))))
    (call $deep (i32.sub (local.get $n) (i32.const 1)) (local.get $host)))
  ${handler}
  (func (export "many") (param $n i32) (param $host i32)
    (loop $l
      (drop (call $catch (local.get $host)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))`;

const handlers: { readonly [name: string]: string } = {
  "catch and catch_all": `(func $catch (param $host i32) (result i32)
    try (result i32) (call $deep (i32.const 50) (local.get $host)) (i32.const 0)
    catch $e catch_all (i32.const 43) end)`,
  "try_table with a label of a block": `(func $catch (param $host i32) (result i32)
    (block $all
      (block $h (result i32)
        (try_table (catch $e $h) (catch_all $all) (call $deep (i32.const 50) (local.get $host)))
        (i32.const 0))
      (return))
    (i32.const 43))`,
  "try_table with the label of the function": `(func $catch (param $host i32) (result i32)
    (block $all
      (try_table (catch $e 1) (catch_all $all) (call $deep (i32.const 50) (local.get $host)))
      (return (i32.const 0)))
    (i32.const 43))`,
  "try_table with the label of a loop": `(func $catch (param $host i32) (result i32) (local $again i32)
    (loop $l
      (if (local.get $again) (then (return (i32.const 43))))
      (local.set $again (i32.const 1))
      (try_table (catch_all $l) (call $deep (i32.const 50) (local.get $host))))
    (i32.const 0))`,
};

function fail(): never {
  throw new Error("from the host");
}

async function handling(handler: string): Promise<TestInstance> {
  return rewritten(throwing(handler), { stackBytes: 30_000, imports: { host: { fail } } });
}

for (const [what, handler] of Object.entries(handlers)) {
  test(`frames that an exception throws away are given back: ${what}`, async () => {
    const { call, stack } = await handling(handler);
    call("many", 200, 0);
    assert.equal(stack.value, 30_000);
    call("many", 200, 1);
    assert.equal(stack.value, 30_000);
  });
}
