/** Scans the instructions whose opcode has two parts. */
import { unsupported } from "../decode/reader.ts";
import { atomicHeights, gcHeights, gcImmediates, vectorForm, vectorForms, vectorHeights } from "./opcodes.ts";
import type { Scanner } from "./scan.ts";

const prefixGc = 0xfb;
const prefixBulk = 0xfc;
const prefixVector = 0xfd;

function scanGc(scanner: Scanner, opcode: number, at: number): void {
  const { control, facts } = scanner;
  if (opcode === 0x00) {
    control.change(1 - facts.fieldCount(scanner.u32()));
  } else if (opcode === 0x08) {
    scanner.skipLeb();
    control.change(1 - scanner.u32());
  } else if (opcode === 0x18 || opcode === 0x19) {
    scanner.position++;
    for (let count = 0; count < 3; count++) scanner.skipLeb();
  } else if (opcode <= 0x1e) {
    for (let count = gcImmediates[opcode] ?? 0; count > 0; count--) scanner.skipLeb();
    control.change(gcHeights[opcode] ?? 0);
  } else unsupported(`instruction 0xfb 0x${opcode.toString(16)}`, at);
}

/** Immediates, change of height, and why the instruction keeps an instance from being saved, if it does. */
const bulk: readonly (readonly [number, number, string?])[] = [
  [2, -3], // memory.init
  [1, 0, "it drops data segments (data.drop)"],
  [2, -3], // memory.copy
  [1, -3], // memory.fill
  [2, -3, "it changes a table (table.init)"],
  [1, 0, "it drops element segments (elem.drop)"],
  [2, -3, "it changes a table (table.copy)"],
  [1, -1, "it changes a table (table.grow)"],
  [1, 1], // table.size
  [1, -3, "it changes a table (table.fill)"],
];

function scanBulk(scanner: Scanner, opcode: number, at: number): void {
  if (opcode < 8) return;
  const entry = bulk[opcode - 8];
  if (entry === undefined) return unsupported(`instruction 0xfc 0x${opcode.toString(16)}`, at);
  const [immediates, height, obstacle] = entry;
  for (let count = immediates; count > 0; count--) scanner.skipLeb();
  scanner.control.change(height);
  if (obstacle !== undefined) scanner.obstacle ??= obstacle;
}

function scanVector(scanner: Scanner, opcode: number, at: number): void {
  if (opcode > 0xff) {
    // Their results depend on the processor, so that a replay on another machine could differ.
    return unsupported(opcode <= 0x12f ? "relaxed SIMD instructions" : `instruction 0xfd 0x${opcode.toString(16)}`, at);
  }
  scanner.usesVectors = true;
  switch (vectorForms[opcode]) {
    case vectorForm.memory:
      scanner.skipMemoryArgument();
      break;
    case vectorForm.lane:
      scanner.position++;
      break;
    case vectorForm.memoryLane:
      scanner.skipMemoryArgument();
      scanner.position++;
      break;
    case vectorForm.bytes16:
      scanner.position += 16;
      break;
    default:
  }
  scanner.control.change(vectorHeights[opcode] ?? 0);
}

function scanAtomic(scanner: Scanner, opcode: number, at: number): void {
  if (opcode >= atomicHeights.length) unsupported(`instruction 0xfe 0x${opcode.toString(16)}`, at);
  if (opcode === 0x03) scanner.position++;
  else scanner.skipMemoryArgument();
  scanner.control.change(atomicHeights[opcode] ?? 0);
}

/** Scans the rest of the instruction at `at` that begins with `prefix`. */
export function scanPrefixed(scanner: Scanner, prefix: number, at: number): void {
  const opcode = scanner.u32();
  if (prefix === prefixGc) scanGc(scanner, opcode, at);
  else if (prefix === prefixBulk) scanBulk(scanner, opcode, at);
  else if (prefix === prefixVector) scanVector(scanner, opcode, at);
  else scanAtomic(scanner, opcode, at);
}
