import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "@bytecodealliance/jco";
import { WebAssembly } from "../canonical/webassembly.ts";
import { reserveMemory } from "./reserve-memory.ts";
import { rewriteModule } from "./rewrite.ts";

const pageBytes = 65_536;

type Callable = (...parameters: readonly number[]) => number;

interface Program {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly call: (name: string, ...parameters: readonly number[]) => number;
}

async function program(text: string, programPages = 4): Promise<Program> {
  const bytes = reserveMemory(await parse(text), { programPages, reservedPages: 2 });
  assert.ok(bytes !== undefined);
  // What is stored is rewritten once more.
  rewriteModule(bytes);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes)), {});
  return {
    memory: exports["memory"] as Program["memory"],
    call: (name, ...parameters) => (exports[name] as Callable)(...parameters),
  };
}

const growing = `(module
  (memory (export "memory") 1)
  (global $g (mut i32) (i32.const 7))
  (func (export "size") (result i32) memory.size)
  (func (export "grow") (param i32) (result i32) (local i64 f32) (memory.grow (local.get 0)))
  (func (export "both") (result i32) (i32.add (memory.grow (i32.const 1)) (i32.mul (memory.size) (i32.const 100))))
  (func (export "other") (result i32) (i32.add (global.get $g) (i32.load (i32.const 16))))
  (data (i32.const 16) "\\01"))`;

describe("reserveMemory()", () => {
  it("shows the program its own memory only, up to its most", async () => {
    const { call, memory } = await program(growing);
    assert.equal(memory.buffer.byteLength, 6 * pageBytes);
    assert.equal(call("size"), 1);
    assert.equal(call("both"), 1 + 2 * 100);
    assert.equal(call("grow", 2), 2);
    assert.equal(call("grow", 0), 4);
    assert.equal(call("grow", 1), -1);
    assert.equal(call("grow", -1), -1);
    assert.equal(call("size"), 4);
    assert.equal(call("other"), 8);
  });

  it("keeps to the program's own maximum, and to what it begins with", async () => {
    const small = await program(
      '(module (memory (export "memory") 1 2) (func (export "f") (param i32) (result i32) (memory.grow (local.get 0))))',
    );
    assert.equal(small.call("f", 2), -1);
    assert.equal(small.call("f", 1), 1);
    const large = await program('(module (memory (export "memory") 9))');
    assert.equal(large.memory.buffer.byteLength, 11 * pageBytes);
  });

  it("gives out what is reserved, aligned, behind the program's memory", async () => {
    const { call } = await program(growing);
    assert.equal(call("cabi_realloc", 0, 0, 4, 3), 4 * pageBytes);
    assert.equal(call("cabi_realloc", 0, 0, 8, 8), 4 * pageBytes + 8);
    assert.equal(call("cabi_realloc", 0, 0, 1, 2 * pageBytes - 16), 4 * pageBytes + 16);
    assert.throws(() => call("cabi_realloc", 0, 0, 1, 1));
    assert.throws(() => call("cabi_realloc", 4, 1, 1, 1));
  });

  it("leaves alone what has nothing to reserve", async () => {
    const reserved = async (text: string): Promise<unknown> =>
      reserveMemory(await parse(text), { programPages: 4, reservedPages: 2 });
    assert.equal(await reserved("(module)"), undefined);
    assert.equal(await reserved('(module (import "a" "b" (memory 1)))'), undefined);
    const realloc = '(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)';
    assert.equal(await reserved(`(module (memory 1) ${realloc})`), undefined);
  });

  it("takes a module that imports the same thing twice", async () => {
    const twice = '(import "a" "b" (func)) (import "a" "b" (func))';
    assert.ok(reserveMemory(await parse(`(module ${twice} (memory 1))`), { programPages: 4, reservedPages: 2 }));
  });
});
