/**
 * Makes room in a program's memory for another module that shares it, where the program takes all of it for its own: the
 * allocators of Go and AssemblyScript go on behind whatever they had, and would write over pages that somebody else has
 * grown meanwhile. The other's pages lie behind the most that the program may have; what the program sees of its memory's
 * size is counted apart. The pages in between are never touched and cost nothing but address space.
 */
import { readLoneModule } from "../decode/core/module.ts";
import { CoreTypes } from "../decode/core/types.ts";
import { Reader } from "../decode/reader.ts";
import { ByteWriter, leb, lebLength, signedLeb } from "./byte-writer.ts";
import { ModuleFacts } from "./module-facts.ts";
import { exportEntry, exportKind, extended, scanFunctions, type } from "./rewrite.ts";
import { Scanner } from "./scan.ts";
import type { ScannedFunction } from "./scan.ts";
import { joinSections, sectionId, splitSections } from "./sections.ts";

export interface MemoryReservation {
  /** What the program itself may have, unless it begins with more. */
  readonly programPages: number;
  /** What the other may have. */
  readonly reservedPages: number;
}

const pageBytes = 65_536;
const opcode = { call: 0x10, memoryGrow: 0x40 } as const;

interface Layout {
  readonly initialPages: number;
  readonly programPages: number;
  readonly reservedPages: number;
  /** Indices of what is added. */
  readonly pagesGlobal: number;
  readonly nextGlobal: number;
  readonly sizeFunction: number;
}

function body(...code: readonly (number | readonly number[])[]): number[] {
  const bytes = code.flat();
  return [...leb(bytes.length), ...bytes];
}

/** `memory.size` and `memory.grow` as the program has them, and the allocator of the reserved pages. */
function addedBodies(layout: Layout): readonly (readonly number[])[] {
  const { programPages, reservedPages } = layout;
  const pages = [0x23, ...leb(layout.pagesGlobal)];
  const setPages = [0x24, ...leb(layout.pagesGlobal)];
  const next = [0x23, ...leb(layout.nextGlobal)];
  const setNext = [0x24, ...leb(layout.nextGlobal)];
  const end = (programPages + reservedPages) * pageBytes;
  const trapIf = [0x04, 0x40, 0x00, 0x0b];
  return [
    body(0, pages, 0x0b),
    // Beyond the most it fails: -1. Else the count before.
    body(
      [0, 0x20, 0, 0x41, ...signedLeb(programPages), ...pages, 0x6b, 0x4b, 0x04, 0x40, 0x41, 0x7f, 0x0f, 0x0b],
      [...pages, ...pages, 0x20, 0, 0x6a, ...setPages, 0x0b],
    ),
    // What was allocated is never moved, nor freed: the adapter allocates its state and its stack, once.
    body(
      [1, 1, type.i32, 0x20, 0, ...trapIf],
      [...next, 0x20, 2, 0x6a, 0x41, 1, 0x6b, 0x41, 0, 0x20, 2, 0x6b, 0x71, 0x22, 4],
      [0x20, 3, 0x6a, ...setNext, ...next, 0x41, ...signedLeb(end), 0x4b, ...trapIf, 0x20, 4, 0x0b],
    ),
  ];
}

/** The code with calls instead of the instructions at `places`. */
function writeCode(
  bytes: Uint8Array,
  functions: readonly ScannedFunction[],
  places: readonly number[],
  layout: Layout,
): Uint8Array {
  const output = new ByteWriter(bytes.length + places.length * 4 + 128);
  const added = addedBodies(layout);
  output.u32(functions.length + added.length);
  let place = 0;
  for (const { bodyStart, bodyEnd } of functions) {
    const first = place;
    let length = bodyEnd - bodyStart;
    for (; (places[place] ?? bodyEnd) < bodyEnd; place++) length += lebLength(calledAt(places[place])) - 1;
    output.u32(length);
    let copied = bodyStart;
    for (const at of places.slice(first, place)) {
      output.copy(bytes, copied, at);
      output.byte(opcode.call);
      output.u32(calledAt(at));
      copied = at + 2;
    }
    output.copy(bytes, copied, bodyEnd);
  }
  for (const each of added) output.append(each);
  return output.finish();

  function calledAt(at = 0): number {
    return layout.sizeFunction + (bytes[at] === opcode.memoryGrow ? 1 : 0);
  }
}

/**
 * The module with reserved pages, which its new export `cabi_realloc` gives out; undefined where there is nothing to be
 * reserved: it has no memory of its own, or an allocator that others may use. Throws `ComponentError` as `rewriteModule`.
 */
export function reserveMemory(bytes: Uint8Array, reservation: MemoryReservation): Uint8Array | undefined {
  const sections = splitSections(bytes);
  const module = readLoneModule(new Reader(bytes), new CoreTypes());
  const [memory, ...others] = module.spaces.memory;
  const isImported = module.imports.some((each) => each.type.kind === "memory");
  if (memory?.kind !== "memory" || others.length > 0 || isImported) return undefined;
  const { minimum, maximum, is64 } = memory.bounds;
  const initialPages = Number(minimum);
  if (is64 || module.exports.has("cabi_realloc")) return undefined;
  const layout: Layout = {
    initialPages,
    programPages: Math.max(initialPages, Math.min(reservation.programPages, Number(maximum ?? Infinity))),
    reservedPages: reservation.reservedPages,
    pagesGlobal: module.spaces.global.length,
    nextGlobal: module.spaces.global.length + 1,
    sizeFunction: module.spaces.function.length,
  };
  const scanner = new Scanner(bytes, new ModuleFacts(module));
  const functions = scanFunctions(bytes, sections, scanner);
  const places = Array.from({ length: scanner.memorySizes.length }, (_, index) => scanner.memorySizes.get(index));
  const plan = { bytes, sections };
  const types = module.typeSpace.length;
  const total = layout.programPages + layout.reservedPages;
  const { i32 } = type;
  const changed = new Map<number, Uint8Array>([
    [
      sectionId.type,
      extended(plan, sectionId.type, [
        [type.function, 0, 1, i32],
        [type.function, 1, i32, 1, i32],
        [type.function, 4, i32, i32, i32, i32, 1, i32],
      ]),
    ],
    [sectionId.function, extended(plan, sectionId.function, [leb(types), leb(types + 1), leb(types + 2)])],
    [sectionId.memory, Uint8Array.from([1, 1, ...leb(total), ...leb(total)])],
    [
      sectionId.global,
      extended(plan, sectionId.global, [
        [i32, 1, 0x41, ...signedLeb(initialPages), 0x0b],
        [i32, 1, 0x41, ...signedLeb(layout.programPages * pageBytes), 0x0b],
      ]),
    ],
    [
      sectionId.export,
      extended(plan, sectionId.export, [exportEntry("cabi_realloc", exportKind.function, layout.sizeFunction + 2)]),
    ],
    [sectionId.code, writeCode(bytes, functions, places, layout)],
  ]);
  // A custom section without a name: the engine has no use for it.
  return joinSections(bytes, sections, { changed, beforeCode: Uint8Array.of(0) });
}
