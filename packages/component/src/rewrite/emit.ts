/** Writes function bodies with the checks in place. */
import type { BranchHints } from "./branch-hints.ts";
import type { ByteWriter, IntegerList } from "./byte-writer.ts";
import { leb } from "./byte-writer.ts";
import { point, pointStride } from "./scan.ts";
import type { ScannedFunction } from "./scan.ts";
import { block, branch, endOfBlock } from "./snippets.ts";
import type { Code, Snippets } from "./snippets.ts";

/** What is done to one function. */
export interface FunctionPlan {
  readonly functionIndex: number;
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
  readonly code: Code;
  readonly skip: number;
}

/** Where the emitter takes from, and where it puts to. */
export interface EmitterParts {
  readonly source: Uint8Array;
  readonly points: IntegerList;
  readonly snippets: Snippets;
  readonly output: ByteWriter;
  readonly hints: BranchHints;
}

export class BodyEmitter {
  readonly #parts: EmitterParts;
  readonly #insertions: Insertion[] = [];

  constructor(parts: EmitterParts) {
    this.#parts = parts;
  }

  #insert(position: number, code: Code, skip = 0): void {
    this.#insertions.push({ position, code, skip });
  }

  #enter(at: number, plan: FunctionPlan): void {
    const { charge, checksFuel, savedIn, blockType } = plan;
    if (charge === 0) return;
    const { enter, enterAndCheckFuel, save } = this.#parts.snippets;
    this.#insert(at, checksFuel ? enterAndCheckFuel(charge) : enter(charge));
    if (savedIn >= 0) this.#insert(at, save(savedIn));
    this.#insert(at, block(blockType));
  }

  #leave(at: number, { charge, savedIn }: FunctionPlan): void {
    const { leave, leaveAbsolutely } = this.#parts.snippets;
    if (charge !== 0) this.#insert(at, savedIn < 0 ? leave(charge) : leaveAbsolutely(savedIn, charge));
  }

  #atPoint(place: number, plan: FunctionPlan): void {
    const { points, snippets } = this.#parts;
    const position = points.get(place);
    const argument = points.get(place + 2);
    switch (points.get(place + 1)) {
      case point.loop:
        if (argument === 1) this.#insert(position, snippets.restore(plan.savedIn));
        this.#insert(position, snippets.checkFuel);
        return;
      case point.handler:
        this.#insert(position, snippets.restore(plan.savedIn));
        return;
      case point.return:
        // A `return` would pass by the epilogue, while branches to the function's label meet the added block.
        if (plan.charge !== 0) this.#insert(position, branch(argument), 1);
        return;
      case point.tailCall:
        this.#leave(position, plan);
        return;
      default:
    }
  }

  #addLocal(scanned: ScannedFunction): void {
    const { source } = this.#parts;
    let encoded = 1;
    for (let at = scanned.bodyStart; (source[at] ?? 0) >= 0x80; at++) encoded++;
    this.#insert(scanned.bodyStart, { bytes: leb(scanned.localGroups + 1) }, encoded);
    this.#insert(scanned.codeStart, { bytes: [1, 0x7f] });
  }

  /** Writes the body of `scanned`, with its size before it. */
  emit(scanned: ScannedFunction, plan: FunctionPlan): void {
    this.#insertions.length = 0;
    if (plan.savedIn >= 0) this.#addLocal(scanned);
    this.#enter(scanned.codeStart, plan);
    for (let place = scanned.firstPoint; place < scanned.endPoint; place += pointStride) this.#atPoint(place, plan);
    this.#leave(scanned.bodyEnd, plan);
    if (plan.charge !== 0) this.#insert(scanned.bodyEnd, endOfBlock);
    this.#write(scanned, plan.functionIndex);
  }

  #write({ bodyStart, bodyEnd }: ScannedFunction, functionIndex: number): void {
    const { source, output, hints } = this.#parts;
    let growth = 0;
    hints.begin(functionIndex);
    for (const { position, code, skip } of this.#insertions) {
      if (code.unlikelyAt !== undefined) hints.unlikely(position - bodyStart + growth + code.unlikelyAt);
      growth += code.bytes.length - skip;
    }
    output.u32(bodyEnd - bodyStart + growth);
    let from = bodyStart;
    for (const { position, code, skip } of this.#insertions) {
      output.copy(source, from, position);
      output.append(code.bytes);
      from = position + skip;
    }
    output.copy(source, from, bodyEnd);
  }
}
