/**
 * What the scanner needs to know of each instruction: the form of its immediates, and by how much it changes the
 * height of the operand stack.
 */
export const form = {
  unknown: 0,
  none: 1,
  /** One LEB128 number of any size or sign, or a single byte below 0x80. */
  leb: 2,
  bytes4: 3,
  bytes8: 4,
  memory: 5,
  /** Handled one by one by the scanner. */
  special: 6,
} as const;

/** A table over opcodes, from ranges `[first, last, value]`. */
function table(size: number, ranges: readonly (readonly [number, number, number])[]): Int8Array {
  const values = new Int8Array(size);
  for (const [first, last, value] of ranges) values.fill(value, first, last + 1);
  return values;
}

/** Forms of the one-byte opcodes. */
export const forms: Int8Array = table(256, [
  [0x00, 0x00, form.special], // unreachable
  [0x01, 0x01, form.none],
  [0x02, 0x15, form.special], // control and calls
  [0x18, 0x19, form.special], // delegate, catch_all
  [0x1a, 0x1b, form.none], // drop, select
  [0x1c, 0x1c, form.special], // select with types
  [0x1f, 0x1f, form.special], // try_table
  [0x20, 0x25, form.leb], // locals, globals, table.get
  [0x26, 0x26, form.special], // table.set
  [0x28, 0x3e, form.memory],
  [0x3f, 0x42, form.leb], // memory.size, memory.grow, i32.const, i64.const
  [0x43, 0x43, form.bytes4],
  [0x44, 0x44, form.bytes8],
  [0x45, 0xc4, form.none],
  [0xd0, 0xd0, form.leb], // ref.null
  [0xd1, 0xd1, form.none],
  [0xd2, 0xd2, form.leb], // ref.func
  [0xd3, 0xd4, form.none],
  [0xd5, 0xd6, form.leb], // br_on_null, br_on_non_null
  [0xfb, 0xfe, form.special],
]);

/** Changes of the operand stack by the one-byte opcodes that are not special. */
export const heights: Int8Array = table(256, [
  [0x1a, 0x1a, -1],
  [0x1b, 0x1b, -2],
  [0x20, 0x20, 1],
  [0x21, 0x21, -1],
  [0x23, 0x23, 1],
  [0x24, 0x24, -1],
  [0x36, 0x3e, -2], // stores
  [0x3f, 0x3f, 1],
  [0x41, 0x44, 1],
  [0x46, 0x4f, -1],
  [0x51, 0x66, -1],
  [0x6a, 0x78, -1],
  [0x7c, 0x8a, -1],
  [0x92, 0x98, -1],
  [0xa0, 0xa6, -1],
  [0xd0, 0xd0, 1],
  [0xd2, 0xd2, 1],
  [0xd3, 0xd3, -1],
]);

/** Changes by the vector opcodes (0xfd): unary 0, binary -1. */
export const vectorHeights: Int8Array = table(256, [
  [0x00, 0x0a, 0],
  [0x0b, 0x0b, -2], // v128.store
  [0x0c, 0x0c, 1], // v128.const
  [0x0d, 0x0e, -1],
  [0x17, 0x17, -1], // replace_lane, between the extract_lanes
  [0x1a, 0x1a, -1],
  [0x1c, 0x1c, -1],
  [0x1e, 0x1e, -1],
  [0x20, 0x20, -1],
  [0x22, 0x4c, -1],
  [0x4e, 0x51, -1],
  [0x52, 0x52, -2], // v128.bitselect
  [0x54, 0x57, -1], // load_lane
  [0x58, 0x5b, -2], // store_lane
  [0x65, 0x66, -1],
  [0x6b, 0x73, -1],
  [0x76, 0x79, -1],
  [0x7b, 0x7b, -1],
  [0x82, 0x82, -1],
  [0x85, 0x86, -1],
  [0x8b, 0x93, -1],
  [0x95, 0x9f, -1],
  [0xab, 0xbf, -1],
  [0xcb, 0xdf, -1],
  [0xe4, 0xeb, -1],
  [0xf0, 0xf7, -1],
]);

/** Forms of the vector opcodes with more than their number: a memory argument, a lane byte, both, or 16 bytes. */
export const vectorForm = { none: 0, memory: 1, lane: 2, memoryLane: 3, bytes16: 4 } as const;

export const vectorForms: Int8Array = table(256, [
  [0x00, 0x0b, vectorForm.memory],
  [0x0c, 0x0d, vectorForm.bytes16],
  [0x15, 0x22, vectorForm.lane],
  [0x54, 0x5b, vectorForm.memoryLane],
  [0x5c, 0x5d, vectorForm.memory],
]);

/** Changes by the atomic opcodes (0xfe). */
export const atomicHeights: Int8Array = table(0x4f, [
  [0x00, 0x00, -1],
  [0x01, 0x02, -2],
  [0x17, 0x1d, -2],
  [0x1e, 0x47, -1],
  [0x48, 0x4e, -2],
]);

/** Number of LEB128 immediates of the garbage collection opcodes (0xfb); those with special immediates have none. */
export const gcImmediates: Int8Array = table(0x1f, [
  [0x00, 0x01, 1],
  [0x02, 0x05, 2],
  [0x06, 0x07, 1],
  [0x08, 0x0a, 2],
  [0x0b, 0x0e, 1],
  [0x10, 0x10, 1],
  [0x11, 0x13, 2],
  [0x14, 0x17, 1],
]);

/** Changes by the garbage collection opcodes, except by struct.new and array.new_fixed. */
export const gcHeights: Int8Array = table(0x1f, [
  [0x01, 0x01, 1],
  [0x05, 0x05, -2],
  [0x06, 0x06, -1],
  [0x09, 0x0a, -1],
  [0x0b, 0x0d, -1],
  [0x0e, 0x0e, -3],
  [0x10, 0x10, -4],
  [0x11, 0x11, -5],
  [0x12, 0x13, -4],
]);
