import assert from "node:assert/strict";
import { test } from "node:test";
import type { ValueType } from "../types/value-type.ts";
import { ComponentState } from "./component-state.ts";
import { Guest } from "./guest.ts";
import { importFunction } from "./import-call.ts";
import { GuestMemory } from "./memory.ts";
import { Side } from "./side.ts";
import { WebAssembly } from "./webassembly.ts";

function lift(type: ValueType, prepare: (view: DataView) => void, ...core: number[]): unknown {
  const memory = new WebAssembly.Memory({ initial: 16 });
  prepare(new DataView(memory.buffer));
  const guest = new Guest();
  const side = new Side({
    state: new ComponentState(guest, undefined),
    memory: new GuestMemory(memory),
    encoding: "utf8",
    realloc: undefined,
    postReturn: undefined,
    resources: { get: () => assert.fail("there are no resources") },
  });
  let lifted: unknown;
  const call = (value: unknown): void => void (lifted = value);
  try {
    importFunction(
      { parameters: [{ name: "x", type }] },
      { side, host: { kind: "sync", call }, parking: undefined },
    )(...core);
  } catch {
    throw guest.failure?.error;
  }
  return lifted;
}

const tooLarge = { trap: "canonical-abi", reason: /values are too large/ };

test("many strings that are the same megabyte of the guest are refused", () => {
  const count = 1000;
  const pointers = (view: DataView): void => {
    for (let index = 0; index < count; index++) {
      view.setUint32(index * 8, 0, true);
      view.setUint32(index * 8 + 4, 1_000_000, true);
    }
  };
  const type: ValueType = { kind: "list", element: { kind: "string" } };
  assert.throws(() => lift(type, pointers, 0, count), tooLarge);
  assert.equal((lift(type, pointers, 0, 100) as string[]).length, 100);
});

test("lists of lists that share their elements are refused", () => {
  const flags: ValueType = { kind: "list", element: { kind: "bool" } };
  const pointers = (view: DataView): void => {
    for (let index = 0; index < 10; index++) view.setUint32(index * 8 + 4, 1_000_000, true);
  };
  assert.throws(() => lift({ kind: "list", element: flags }, pointers, 0, 10), tooLarge);
});

test("lists of numbers that share their elements are refused", () => {
  const pointers = (view: DataView): void => {
    for (let index = 0; index < 1000; index++) view.setUint32(index * 8 + 4, 125_000, true);
  };
  const numbers: ValueType = { kind: "list", element: { kind: "f64" } };
  assert.throws(() => lift({ kind: "list", element: numbers }, pointers, 0, 1000), tooLarge);
});
