/** Handle tables. */
import { trap } from "./trap.ts";

/** Handles that one component instance may have, so that a guest can't fill the host's memory with them. */
const handlesMax = 2 ** 20;

/** A handle table as plain data: parallel arrays by handle index, in which index 0 is never used. */
export interface HandleTableState {
  /** The runtime id of the handle's resource type; 0 marks a free index. */
  readonly resource: readonly number[];
  readonly representation: readonly number[];
  /** Indices that were dropped, in the order in which they will be used again from the end. */
  readonly free: readonly number[];
}

/**
 * The handles of one component instance. Indices are given deterministically: the last dropped one first, then the next
 * new one. Between calls there are only owned handles that nobody borrows, so the state of an idle instance is small.
 */
export class HandleTable {
  readonly #resource: number[] = [0];
  readonly #representation: number[] = [0];
  /** For a borrowed handle the scope (1 and above) of the call that must drop it, 0 for an owned one. */
  readonly #scope: number[] = [0];
  /** How many calls under way have borrowed this handle. */
  readonly #lends: number[] = [0];
  readonly #free: number[] = [];
  /** Borrowed handles alive, by scope; calls nest, so this is a stack. */
  readonly #borrowed: number[] = [0];
  /** Handles lent from inside lists and variants by the calls under way; a stack as well. */
  readonly #lent: number[] = [];

  /** Adds an owned handle. */
  add(resource: number, representation: number): number {
    return this.#insert(resource, representation, 0);
  }

  /** Adds a handle that is borrowed for the innermost open scope. */
  addBorrowed(resource: number, representation: number): number {
    const scope = this.#borrowed.length - 1;
    this.#borrowed[scope] = (this.#borrowed[scope] ?? 0) + 1;
    return this.#insert(resource, representation, scope);
  }

  #insert(resource: number, representation: number, scope: number): number {
    const index = this.#free.pop() ?? this.#resource.length;
    if (index > handlesMax) trap("too many handles");
    this.#resource[index] = resource;
    this.#representation[index] = representation;
    this.#scope[index] = scope;
    this.#lends[index] = 0;
    return index;
  }

  /** The representation behind a handle, owned or borrowed. */
  representation(resource: number, index: number): number {
    if (this.#resource[index] !== resource) this.#wrong(resource, index);
    return this.#representation[index] ?? 0;
  }

  /** Takes an owned handle out of the table to give its resource away. */
  takeOwned(resource: number, index: number): number {
    if (this.#resource[index] !== resource) this.#wrong(resource, index);
    if (this.#lends[index] !== 0) trap("cannot remove owned resource while borrowed");
    if (this.#scope[index] !== 0) trap(`handle index ${index} is a borrowed handle where an owned one is needed`);
    return this.#remove(index);
  }

  /** Drops a handle; gives the representation to destroy for an owned one, -1 for a borrowed one. */
  drop(resource: number, index: number): number {
    if (this.#resource[index] !== resource) this.#wrong(resource, index);
    if (this.#lends[index] !== 0) trap("cannot remove owned resource while borrowed");
    const scope = this.#scope[index] ?? 0;
    const representation = this.#remove(index);
    if (scope === 0) return representation;
    this.#borrowed[scope] = (this.#borrowed[scope] ?? 0) - 1;
    return -1;
  }

  #remove(index: number): number {
    this.#resource[index] = 0;
    this.#free.push(index);
    return this.#representation[index] ?? 0;
  }

  #wrong(resource: number, index: number): never {
    const found = this.#resource[index] ?? 0;
    if (found === 0) trap(`unknown handle index ${index}`);
    trap(`handle index ${index} used with the wrong type, expected resource ${resource} but found resource ${found}`);
  }

  /** Lends a handle for the duration of a call; the caller takes it back with `takeBack`. */
  lend(resource: number, index: number): number {
    if (this.#resource[index] !== resource) this.#wrong(resource, index);
    this.#lends[index] = (this.#lends[index] ?? 0) + 1;
    return this.#representation[index] ?? 0;
  }

  takeBack(index: number): void {
    this.#lends[index] = (this.#lends[index] ?? 0) - 1;
  }

  /** Lends a handle found inside a list or variant, to be taken back by `takeBackTo`. */
  lendListed(resource: number, index: number): number {
    const representation = this.lend(resource, index);
    this.#lent.push(index);
    return representation;
  }

  /** How many listed handles are lent: to be given to `takeBackTo` when the call ends. */
  lentMark(): number {
    return this.#lent.length;
  }

  takeBackTo(mark: number): void {
    while (this.#lent.length > mark) this.takeBack(this.#lent.pop() ?? 0);
  }

  /** Opens a borrow scope for a call into this component instance. */
  openScope(): void {
    this.#borrowed.push(0);
  }

  /** Ends the innermost scope; every handle borrowed for it must have been dropped. */
  closeScope(): void {
    if (this.#borrowed.pop() !== 0) trap("borrow handles still remain at the end of the call");
  }

  /** The owned handles, for inspection and snapshots; only meaningful while no call is under way. */
  save(): HandleTableState {
    return { resource: [...this.#resource], representation: [...this.#representation], free: [...this.#free] };
  }

  /** Puts a saved state in place of the present one. */
  restore(state: HandleTableState): void {
    const zeros = state.resource.map(() => 0);
    replace(this.#resource, state.resource);
    replace(this.#representation, state.representation);
    replace(this.#scope, zeros);
    replace(this.#lends, zeros);
    replace(this.#free, state.free);
  }

  /** Number of live handles. */
  get size(): number {
    return this.#resource.length - 1 - this.#free.length;
  }
}

function replace(target: number[], values: readonly number[]): void {
  target.length = 0;
  for (const value of values) target.push(value);
}
