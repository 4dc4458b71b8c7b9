/** Writes function bodies with the checks in place. */
import type { ByteWriter, IntegerList } from "./byte-writer.ts";
import { leb } from "./byte-writer.ts";
import { point, pointStride } from "./scan.ts";
import type { ScannedFunction } from "./scan.ts";
import { block, branch, endOfBlock } from "./snippets.ts";
import type { Snippets } from "./snippets.ts";

/** What is done to one function. */
export interface FunctionPlan {
  /** What the function is charged on the stack; 0 when it is not counted. */
  readonly charge: number;
  /** Whether it uses fuel on entry. */
  readonly checksFuel: boolean;
  /** Type of the block that is put around the body of a counted function. */
  readonly blockType: readonly number[];
  /** The local that remembers the counter in a function that catches exceptions, else -1. */
  readonly savedIn: number;
}

/** An insertion: before `position`; `skip` bytes of the original are left out. */
interface Insertion {
  readonly position: number;
  readonly bytes: readonly number[];
  readonly skip: number;
}

export class BodyEmitter {
  readonly #source: Uint8Array;
  readonly #points: IntegerList;
  readonly #snippets: Snippets;
  readonly #output: ByteWriter;
  readonly #insertions: Insertion[] = [];

  constructor(
    source: Uint8Array,
    parts: { readonly points: IntegerList; readonly snippets: Snippets; readonly output: ByteWriter },
  ) {
    this.#source = source;
    this.#points = parts.points;
    this.#snippets = parts.snippets;
    this.#output = parts.output;
  }

  #insert(position: number, bytes: readonly number[], skip = 0): void {
    if (bytes.length > 0) this.#insertions.push({ position, bytes, skip });
  }

  #prologue(plan: FunctionPlan): number[] {
    const { charge, checksFuel, savedIn } = plan;
    if (charge === 0) return [];
    const { enter, enterAndCheckFuel, save } = this.#snippets;
    return [
      ...(checksFuel ? enterAndCheckFuel(charge) : enter(charge)),
      ...(savedIn < 0 ? [] : save(savedIn)),
      ...block(plan.blockType),
    ];
  }

  #epilogue({ charge, savedIn }: FunctionPlan): number[] {
    if (charge === 0) return [];
    const { leave, leaveAbsolutely } = this.#snippets;
    return [...(savedIn < 0 ? leave(charge) : leaveAbsolutely(savedIn, charge)), endOfBlock];
  }

  #atPoint(place: number, plan: FunctionPlan): void {
    const position = this.#points.get(place);
    const argument = this.#points.get(place + 2);
    const { checkFuel, leave, leaveAbsolutely, restore } = this.#snippets;
    switch (this.#points.get(place + 1)) {
      case point.loop:
        this.#insert(position, argument === 1 ? [...restore(plan.savedIn), ...checkFuel] : checkFuel);
        return;
      case point.handler:
        this.#insert(position, restore(plan.savedIn));
        return;
      case point.return:
        // A `return` would pass by the epilogue, while branches to the function's label meet the added block.
        if (plan.charge !== 0) this.#insert(position, branch(argument), 1);
        return;
      case point.tailCall:
        if (plan.charge === 0) return;
        this.#insert(position, plan.savedIn < 0 ? leave(plan.charge) : leaveAbsolutely(plan.savedIn, plan.charge));
        return;
      default:
    }
  }

  /** Writes the body of `scanned`, with its size before it. */
  emit(scanned: ScannedFunction, plan: FunctionPlan): void {
    const { bodyStart, codeStart, bodyEnd, localGroups } = scanned;
    const insertions = this.#insertions;
    insertions.length = 0;
    let from = bodyStart;
    if (plan.savedIn >= 0) {
      const groups = lebLengthOfEncoded(this.#source, bodyStart);
      this.#insert(bodyStart, leb(localGroups + 1), groups);
      this.#insert(codeStart, [1, 0x7f]);
    }
    this.#insert(codeStart, this.#prologue(plan));
    for (let place = scanned.firstPoint; place < scanned.endPoint; place += pointStride) this.#atPoint(place, plan);
    this.#insert(bodyEnd, this.#epilogue(plan));
    let size = bodyEnd - bodyStart;
    for (const { bytes, skip } of insertions) size += bytes.length - skip;
    this.#output.u32(size);
    for (const { position, bytes, skip } of insertions) {
      this.#output.copy(this.#source, from, position);
      this.#output.append(bytes);
      from = position + skip;
    }
    this.#output.copy(this.#source, from, bodyEnd);
  }
}

/** The length of the LEB128 number at `position`, which need not be the shortest form. */
function lebLengthOfEncoded(bytes: Uint8Array, position: number): number {
  let length = 1;
  for (let at = position; (bytes[at] ?? 0) >= 0x80; at++) length++;
  return length;
}
