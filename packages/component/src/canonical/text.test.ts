import assert from "node:assert/strict";
import { test } from "node:test";
import type { StringEncoding } from "../decode/model.ts";
import { ComponentState } from "./component-state.ts";
import { Guest } from "./guest.ts";
import { GuestMemory } from "./memory.ts";
import type { TextBuffers } from "./memory.ts";
import { Side } from "./side.ts";
import {
  isChar,
  liftChar,
  liftLatin1OrUtf16,
  liftUtf16,
  liftUtf8,
  lowerLatin1OrUtf16,
  lowerUtf16,
  lowerUtf8,
} from "./text.ts";
import { WebAssembly } from "./webassembly.ts";

const texts = [
  "",
  "a",
  "ab",
  "abc",
  "abcd",
  "abcdefg",
  "abcdefgh",
  "abcdefghi",
  "a text of more than twenty-four characters",
  "é",
  "abcé",
  "abcdefgé",
  "naïve façade with thirty characters or so",
  "☃",
  "🍰 and \ufffd and \0",
  "\ufeffbyte order mark",
  "日本語のテキストがここにあります。これは長い文章です。",
];

const codecs = {
  utf8: [liftUtf8, lowerUtf8],
  utf16: [liftUtf16, lowerUtf16],
  "latin1+utf16": [liftLatin1OrUtf16, lowerLatin1OrUtf16],
} as const;

function makeSide(encoding: StringEncoding, withBuffers: boolean): Side {
  const core = new WebAssembly.Memory({ initial: 1 });
  const none: TextBuffers | undefined = undefined;
  return new Side({
    state: new ComponentState(new Guest(), undefined),
    // A default parameter can't be told from undefined, so the views without buffers are made by hand.
    memory: withBuffers ? new GuestMemory(core) : Object.assign(new GuestMemory(core), { buffers: none, text: none }),
    encoding,
    realloc: () => 64,
    postReturn: undefined,
    resources: { get: () => assert.fail("there are no resources") },
  });
}

for (const [encoding, [lift, lower]] of Object.entries(codecs)) {
  for (const withBuffers of [true, false]) {
    test(`${encoding} ${withBuffers ? "with" : "without"} the host's buffers keeps every text`, () => {
      const side = makeSide(encoding as StringEncoding, withBuffers);
      for (const text of texts) {
        const pointer = lower(side, text);
        assert.equal(lift(side.memory, pointer, side.length), text);
      }
    });

    test(`${encoding} ${withBuffers ? "with" : "without"} the host's buffers replaces lone surrogates`, () => {
      const side = makeSide(encoding as StringEncoding, withBuffers);
      for (const text of ["\ud800", "a\udc00b", "x".repeat(30) + "\ud83c"]) {
        const pointer = lower(side, text);
        assert.equal(lift(side.memory, pointer, side.length), text.toWellFormed());
      }
    });
  }
}

for (const withBuffers of [true, false]) {
  test(`invalid UTF-8 traps ${withBuffers ? "with" : "without"} the host's buffers`, () => {
    const side = makeSide("utf8", withBuffers);
    const invalid = [[0x80], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x61, 0xff, 0x62]];
    for (const bytes of invalid) {
      for (const tail of ["", "x".repeat(30)]) {
        const all = [...bytes, ...new TextEncoder().encode(tail)];
        side.memory.bytes.set(all, 64);
        assert.throws(() => liftUtf8(side.memory, 64, all.length), { reason: "string is not valid UTF-8" });
      }
    }
  });

  test(`unpaired surrogates trap ${withBuffers ? "with" : "without"} the host's buffers`, () => {
    const side = makeSide("utf16", withBuffers);
    side.memory.view.setUint16(64, 0xd800, true);
    assert.throws(() => liftUtf16(side.memory, 64, 1), { reason: "string is not valid UTF-16" });
    assert.throws(() => liftLatin1OrUtf16(side.memory, 64, 0x8000_0001), { reason: "string is not valid UTF-16" });
  });
}

test("strings out of bounds, misaligned or too long trap, even when they are empty", () => {
  const { memory } = makeSide("utf8", true);
  assert.equal(liftUtf8(memory, 65_536, 0), "");
  const outside = { reason: "string pointer/length out of bounds of memory" };
  assert.throws(() => liftUtf8(memory, 65_537, 0), outside);
  assert.throws(() => liftUtf8(memory, 65_530, 7), outside);
  assert.throws(() => liftUtf16(memory, 65_534, 2), outside);
  const unaligned = { reason: "string pointer is not aligned" };
  assert.throws(() => liftUtf16(memory, 65, 1), unaligned);
  assert.throws(() => liftLatin1OrUtf16(memory, 65, 1), unaligned);
  assert.throws(() => liftUtf8(memory, 0, 0x1000_0000), { reason: "string is too long for the canonical ABI" });
});

test("isChar and liftChar accept Unicode scalar values only", () => {
  for (const good of ["a", "\0", "é", "\ud7ff", "\ue000", "🍰", "\u{10ffff}"]) {
    assert.ok(isChar(good));
    assert.equal(liftChar(good.codePointAt(0) ?? 0), good);
  }
  for (const bad of ["", "ab", "\ud800", "\udc00", "🍰x", 5, undefined]) assert.ok(!isChar(bad));
  for (const bad of [0xd800, 0xdfff, 0x11_0000, 0xffff_ffff]) assert.throws(() => liftChar(bad), { code: "trap" });
});
