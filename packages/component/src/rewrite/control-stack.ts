import { IntegerList } from "./byte-writer.ts";

/**
 * The blocks around an instruction, and the height of the operand stack. Where code is unreachable heights are only
 * upper bounds.
 */
export class ControlStack {
  /** Number of open blocks; the function's own is the first. */
  depth = 0;
  maximumHeight = 0;
  #height = 0;
  #base = 0;
  readonly #bases = new IntegerList();
  readonly #parameters = new IntegerList();
  readonly #results = new IntegerList();
  /** Place of a loop in the list of points, or -1 for other blocks. */
  readonly #loops = new IntegerList();
  readonly #catches = new IntegerList();

  /** Begins a function. */
  reset(results: number): void {
    this.depth = 0;
    this.maximumHeight = 0;
    this.#height = 0;
    this.#open(0, results, -1);
  }

  #open(parameters: number, results: number, loop: number): void {
    const { depth } = this;
    this.#base = Math.max(this.#base, this.#height - parameters);
    if (depth === 0) this.#base = 0;
    if (depth === this.#bases.length) {
      for (const list of [this.#bases, this.#parameters, this.#results, this.#loops, this.#catches]) list.push(0);
    }
    this.#bases.set(depth, this.#base);
    this.#parameters.set(depth, parameters);
    this.#results.set(depth, results);
    this.#loops.set(depth, loop);
    this.#catches.set(depth, 0);
    this.depth = depth + 1;
  }

  begin(parameters: number, results: number): void {
    this.#open(parameters, results, -1);
  }

  beginLoop(parameters: number, results: number, place: number): void {
    this.#open(parameters, results, place);
  }

  /** Changes the height by `delta`. */
  change(delta: number): void {
    const height = this.#height + delta;
    this.#height = height < this.#base ? this.#base : height;
    if (this.#height > this.maximumHeight) this.maximumHeight = this.#height;
  }

  /** The code that follows can't be reached. */
  unreachable(): void {
    this.#height = this.#base;
  }

  /** Begins the other arm of an `if`, or a handler that finds `operands` on the stack. */
  restart(operands: number = this.#parameters.get(this.depth - 1)): void {
    this.#height = this.#base;
    this.change(operands);
  }

  /** Whether caught exceptions arrive at the end of the innermost block. */
  get catches(): boolean {
    return this.#catches.get(this.depth - 1) === 1 && this.depth > 1;
  }

  /** Ends the innermost block. */
  end(): void {
    const depth = --this.depth;
    this.#height = this.#base;
    this.#base = depth === 0 ? 0 : this.#bases.get(depth - 1);
    this.change(this.#results.get(depth));
  }

  /** Notes that exceptions are caught at a label; returns the place of its loop in the list of points, or -1. */
  catchAt(label: number): number {
    const depth = this.depth - 1 - label;
    if (depth < 0) return -1;
    const loop = this.#loops.get(depth);
    if (loop < 0) this.#catches.set(depth, 1);
    return loop;
  }
}
