import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "@bytecodealliance/jco";
import * as fc from "fast-check";
import { ComponentError } from "../errors.ts";
import { decode } from "./decode.ts";

const preamble = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

function types(...definitions: readonly (readonly number[])[]): Uint8Array {
  return new Uint8Array([...preamble, ...section(7, [...leb(definitions.length), ...definitions.flat()])]);
}

function rejects(bytes: Uint8Array, message: RegExp): void {
  assert.throws(
    () => decode(bytes),
    (error: unknown) => {
      assert.ok(error instanceof ComponentError);
      assert.match(error.message, message);
      assert.equal(typeof error.offset, "number");
      return true;
    },
  );
}

test("types that double at each level end at the size limit", () => {
  const definitions = [[0x6f, 2, 0x7f, 0x7f]];
  for (let level = 0; level < 60; level++) definitions.push([0x6f, 2, level, level]);
  rejects(types(...definitions), /effective type size exceeds the limit/);
});

test("types that only grow deeper end at the depth limit", () => {
  const definitions = [[0x70, 0x7f]];
  for (let level = 0; level < 50_000; level++) definitions.push([0x70, ...signedIndex(level)]);
  rejects(types(...definitions), /type nesting is too deep/);
});

function signedIndex(index: number): number[] {
  const bytes: number[] = [];
  let rest = index;
  for (; rest >= 0x40; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

/** `(export "name" (instance (type 0)))` */
function exportOfInstance(name: number): number[] {
  return [0x04, 0x00, 0x01, name, 0x05, 0x00];
}

/** `(instance (alias outer 1 previous) (export "a" (instance 0)) (export "b" (instance 0)))` */
function doublingInstance(previous: number): number[] {
  return [0x42, 3, 0x02, 0x03, 0x02, 0x01, ...leb(previous), ...exportOfInstance(0x61), ...exportOfInstance(0x62)];
}

test("instance types that double at each level end at the size limit", () => {
  // (instance (export "r" (type (sub resource)))): each use must get a fresh resource, so nothing can be shared.
  const definitions = [[0x42, 1, 0x04, 0x00, 0x01, 0x72, 0x03, 0x01]];
  for (let level = 0; level < 60; level++) definitions.push(doublingInstance(level));
  rejects(types(...definitions), /effective type size exceeds the limit|too complex/);
});

test("components nested too deep are rejected, not followed", () => {
  let bytes: number[] = preamble;
  for (let level = 0; level < 150; level++) bytes = [...preamble, ...section(4, bytes)];
  rejects(new Uint8Array(bytes), /nesting is too deep/);
});

test("false counts and lengths are rejected before anything is allocated", () => {
  rejects(new Uint8Array([...preamble, 7, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]), /count 4294967295 exceeds/);
  rejects(new Uint8Array([...preamble, 7, 0xff, 0xff, 0xff, 0xff, 0x0f]), /section extends past the end/);
  rejects(new Uint8Array([...preamble, 7, 0xff, 0xff, 0xff, 0xff, 0x1f]), /integer too large/);
  rejects(new Uint8Array([...preamble, 7, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]), /integer representation too long/);
});

test("names must be UTF-8", () => {
  rejects(new Uint8Array([...preamble, ...section(10, [1, 0, 2, 0xc3, 0x28, 1, 0])]), /malformed UTF-8/);
});

const seeds = await Promise.all(
  [
    `(component
      (import "wasi:io/poll@0.2.0" (instance $poll (export "pollable" (type $p (sub resource)))
        (export "[method]pollable.block" (func (param "self" (borrow $p))))))
      (alias export $poll "pollable" (type $p))
      (alias export $poll "[method]pollable.block" (func $block))
      (core func $lowered (canon lower (func $block)))
      (core func $drop (canon resource.drop $p))
      (core module $m
        (import "host" "block" (func (param i32)))
        (memory (export "memory") 1)
        (global (export "g") (mut i32) (i32.const 1))
        (table (export "t") 2 funcref)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "run") (param i32 i32) (result i32) unreachable))
      (core instance $m (instantiate $m (with "host" (instance (export "block" (func $lowered))))))
      (type $v (variant (case "a" string) (case "b" (list u8)) (case "c")))
      (export $v2 "v" (type $v))
      (func $run (param "s" string) (result (result $v2 (error (tuple u8 char))))
        (canon lift (core func $m "run") (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
      (export "run" (func $run)))`,
    `(component
      (core module $m (func (export "f") (result i32) unreachable))
      (component $c
        (alias outer 1 $m (core module $m2))
        (core instance $i (instantiate $m2))
        (type $r (resource (rep i32)))
        (export $r2 "r" (type $r))
        (func $f (result (own $r2)) (canon lift (core func $i "f")))
        (export "[constructor]r" (func $f)))
      (instance $i (instantiate $c))
      (component $d (import "r" (type $r (sub resource))) (import "f" (func (result (own $r)))))
      (instance (instantiate $d (with "r" (type $i "r")) (with "f" (func $i "[constructor]r"))))
      (type (component (import "x" (instance (export "f" (func (param "a" f64)))))
        (export "y" (core module (import "a" "b" (memory 1)) (export "c" (func (param i64))))))))`,
  ].map((text) => parse(text)),
);

test("mutated and truncated binaries never fail with anything but ComponentError", () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...seeds), changes, fc.option(fc.nat()), (seed, mutations, cut) => {
      const bytes = seed.slice();
      for (const [at, value] of mutations) bytes[at % bytes.length] = value;
      try {
        decode(cut === null ? bytes : bytes.subarray(0, cut % bytes.length));
      } catch (error) {
        assert.ok(error instanceof ComponentError, String(error));
      }
    }),
    { numRuns: 3_000 },
  );
});
