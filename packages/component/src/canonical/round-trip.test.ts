import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { StringEncoding } from "../decode/model.ts";
import type { Value } from "../host.ts";
import type { FunctionType, ValueType } from "../types/value-type.ts";
import { adapterFunction } from "./adapter.ts";
import { ComponentState } from "./component-state.ts";
import { exportCode } from "./export-call.ts";
import { Guest } from "./guest.ts";
import { importFunction } from "./import-call.ts";
import { signatureOf } from "./layout.ts";
import { GuestMemory } from "./memory.ts";
import { anyType, valueOf } from "./random-values.ts";
import type { CoreFunction } from "./side.ts";
import { Side } from "./side.ts";
import { WebAssembly } from "./webassembly.ts";

/** A guest without code: a memory, and an allocator that grows it often, as the most hostile one would. */
function fakeSide(guest: Guest, encoding: StringEncoding): Side {
  const memory = new WebAssembly.Memory({ initial: 1 });
  let next = 8;
  const realloc: CoreFunction = (_old, _oldSize, alignment, size) => {
    next = Math.ceil(next / Number(alignment)) * Number(alignment);
    const pointer = next;
    next += Number(size);
    memory.grow(Math.max(1, Math.ceil((next - memory.buffer.byteLength) / 65_536)));
    return pointer;
  };
  return new Side({
    state: new ComponentState(guest, undefined),
    memory: new GuestMemory(memory),
    encoding,
    realloc,
    postReturn: undefined,
    resources: { get: () => assert.fail("there are no resources") },
  });
}

/** Host to guest to host: what an export with a parameter and a result of one type gives for a core identity function. */
function throughGuest(type: ValueType, encoding: StringEncoding, value: Value): unknown {
  const side = fakeSide(new Guest(), encoding);
  let seen: unknown;
  const inward: FunctionType = { parameters: [{ name: "x", type }] };
  const outward: FunctionType = { parameters: [], result: type };
  const { returnPointer, result } = signatureOf(outward);
  const receive = importFunction(inward, {
    side,
    host: { kind: "sync", call: (x: unknown) => void (seen = x) },
    parking: undefined,
  });
  const give = importFunction(outward, { side, host: { kind: "sync", call: () => seen }, parking: undefined });
  const take = exportCode(inward, { side, core: receive, entered: [] });
  assert.ok(take.check([value]), "the value is accepted");
  take.finish(take.start([value]));
  const produce = exportCode(outward, {
    side,
    entered: [],
    core: () => {
      if (!returnPointer) return give();
      const pointer = side.allocate(result?.alignment ?? 1, result?.size ?? 0);
      give(pointer);
      return pointer;
    },
  });
  return produce.finish(produce.start([]));
}

/** Host to guest A, over an adapter to guest B, back to A and to the host. */
function throughAdapter(type: ValueType, encodings: readonly StringEncoding[], value: Value): unknown {
  const guest = new Guest();
  const [a, b] = [fakeSide(guest, encodings[0] ?? "utf8"), fakeSide(guest, encodings[1] ?? "utf8")];
  const echo: FunctionType = { parameters: [{ name: "x", type }], result: type };
  let seen: unknown;
  const host = importFunction(echo, {
    side: b,
    host: { kind: "sync", call: (x: unknown) => (seen = x) },
    parking: undefined,
  });
  const { returnPointer, result } = signatureOf(echo);
  /** A core function that calls a lowered function with a return area in its own memory. */
  const forward =
    (side: Side, callee: CoreFunction): CoreFunction =>
    (...parameters) => {
      if (!returnPointer) return callee(...parameters);
      const pointer = side.allocate(result?.alignment ?? 1, result?.size ?? 0);
      callee(...parameters, pointer);
      return pointer;
    };
  const adapter = adapterFunction(
    { caller: echo, callee: { ...echo } },
    { caller: a, callee: b, core: forward(b, host), entered: [b.state], suspending: false },
  );
  const code = exportCode(echo, { side: a, core: forward(a, adapter), entered: [a.state] });
  const given = code.finish(code.start([value]));
  assert.deepEqual(given, seen);
  return given;
}

const typeAndValue = anyType.chain((type) => fc.tuple(fc.constant(type), valueOf(type)));
const encoding = fc.constantFrom<StringEncoding>("utf8", "utf16", "latin1+utf16");

test("a value lowered into a guest and lifted again is the same", () => {
  fc.assert(
    fc.property(typeAndValue, encoding, ([type, value], how) => {
      assert.deepEqual(throughGuest(type, how, value), value);
    }),
    { numRuns: 500 },
  );
});

test("a value that goes from one guest to another and back is the same", () => {
  fc.assert(
    fc.property(typeAndValue, encoding, encoding, ([type, value], one, other) => {
      assert.deepEqual(throughAdapter(type, [one, other], value), value);
    }),
    { numRuns: 500 },
  );
});
