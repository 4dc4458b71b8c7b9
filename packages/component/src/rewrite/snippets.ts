/** The instructions that are inserted into function bodies. None needs operands or leaves any. */
import { leb, signedLeb } from "./byte-writer.ts";

const op = {
  unreachable: 0x00,
  block: 0x02,
  if: 0x04,
  end: 0x0b,
  br: 0x0c,
  call: 0x10,
  callIndirect: 0x11,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Const: 0x41,
  i32LtS: 0x48,
  i32Eq: 0x46,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Or: 0x72,
} as const;

const emptyBlock = 0x40;

/** Indices of what is added to a module. */
export interface Additions {
  readonly fuelGlobal: number;
  readonly stackGlobal: number;
  readonly hooksTable: number;
  /** Type `() -> ()`. */
  readonly slowType: number;
  /** Type `() -> i32`. */
  readonly hookType: number;
  readonly slowFunction: number;
}

/** Instructions, and where among them stands an `if` whose body hardly ever runs. */
export interface Code {
  readonly bytes: readonly number[];
  readonly unlikelyAt?: number;
}

export interface Snippets {
  /** Uses one unit of fuel. */
  readonly checkFuel: Code;
  /** Ends the guest when the budget does not have `bytes` left. */
  readonly enter: (bytes: number) => Code;
  /** Both in one: cheaper, since there is one branch. */
  readonly enterAndCheckFuel: (bytes: number) => Code;
  readonly leave: (bytes: number) => Code;
  /** Remembers the counter in a local. */
  readonly save: (local: number) => Code;
  /** Sets the counter to what was remembered. */
  readonly restore: (local: number) => Code;
  /** Gives `bytes` back to what was remembered. */
  readonly leaveAbsolutely: (local: number, bytes: number) => Code;
  /** Body of the function that is called when a counter is below zero, without its size. */
  readonly slowBody: readonly number[];
}

function ifNegative(value: readonly number[], then: readonly number[]): number[] {
  return [...value, op.i32Const, 0, op.i32LtS, op.if, emptyBlock, ...then, op.end];
}

function addToGlobal(global: readonly number[], operation: number, amount: number): number[] {
  return [op.globalGet, ...global, op.i32Const, ...signedLeb(amount), operation, op.globalSet, ...global];
}

/** Runs `first`, then `then` in the unlikely case that `value` is negative. */
function checked(first: readonly number[], value: readonly number[], then: readonly number[]): Code {
  const check = ifNegative(value, then);
  return { bytes: [...first, ...check], unlikelyAt: first.length + check.length - then.length - 3 };
}

/**
 * The slow path. A stack counter below zero stays so: that tells the linker why the guest trapped. `tick` runs first,
 * because it may be called below host frames, where `wait` can't suspend.
 */
function slowBody(additions: Additions): number[] {
  const hook = (slot: number): number[] => [
    op.i32Const,
    slot,
    op.callIndirect,
    ...leb(additions.hookType),
    ...leb(additions.hooksTable),
  ];
  const trapIf = (condition: readonly number[]): number[] => [...condition, op.if, emptyBlock, op.unreachable, op.end];
  const locals = [1, 1, 0x7f];
  return [
    ...locals,
    ...ifNegative([op.globalGet, ...leb(additions.stackGlobal)], [op.unreachable]),
    ...hook(0),
    ...[op.localTee, 0, op.if, emptyBlock].concat(trapIf([op.localGet, 0, op.i32Const, 2, op.i32Eq]), trapIf(hook(1))),
    op.end,
    op.end,
  ];
}

export function makeSnippets(additions: Additions): Snippets {
  const fuel = leb(additions.fuelGlobal);
  const stack = leb(additions.stackGlobal);
  const slow = [op.call, ...leb(additions.slowFunction)];
  const useFuel = addToGlobal(fuel, op.i32Sub, 1);
  const charge = (bytes: number): number[] => addToGlobal(stack, op.i32Sub, bytes);
  const readFuel = [op.globalGet, ...fuel];
  const readStack = [op.globalGet, ...stack];
  const setStack = [op.globalSet, ...stack];
  return {
    checkFuel: checked(useFuel, readFuel, slow),
    enter: (bytes) => checked(charge(bytes), readStack, [op.unreachable]),
    enterAndCheckFuel: (bytes) => checked([...useFuel, ...charge(bytes)], [...readFuel, ...readStack, op.i32Or], slow),
    leave: (bytes) => ({ bytes: addToGlobal(stack, op.i32Add, bytes) }),
    save: (local) => ({ bytes: [...readStack, op.localSet, ...leb(local)] }),
    restore: (local) => ({ bytes: [op.localGet, ...leb(local), ...setStack] }),
    leaveAbsolutely: (local, bytes) => ({
      bytes: [op.localGet, ...leb(local), op.i32Const, ...signedLeb(bytes), op.i32Add, ...setStack],
    }),
    slowBody: slowBody(additions),
  };
}

/** `br depth` */
export function branch(depth: number): Code {
  return { bytes: [op.br, ...leb(depth)] };
}

/** `block type` */
export function block(type: readonly number[]): Code {
  return { bytes: [op.block, ...type] };
}

export const endOfBlock: Code = { bytes: [op.end] };
