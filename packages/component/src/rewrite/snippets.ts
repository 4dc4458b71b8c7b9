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

export interface Snippets {
  /** Uses one unit of fuel. */
  readonly checkFuel: readonly number[];
  /** Ends the guest when the budget does not have `bytes` left. */
  readonly enter: (bytes: number) => readonly number[];
  /** Both in one: cheaper, since there is one branch. */
  readonly enterAndCheckFuel: (bytes: number) => readonly number[];
  readonly leave: (bytes: number) => readonly number[];
  /** Remembers the counter in a local. */
  readonly save: (local: number) => readonly number[];
  /** Sets the counter to what was remembered. */
  readonly restore: (local: number) => readonly number[];
  /** Gives `bytes` back to what was remembered. */
  readonly leaveAbsolutely: (local: number, bytes: number) => readonly number[];
  /** Body of the function that is called when a counter is below zero, without its size. */
  readonly slowBody: readonly number[];
}

function ifNegative(value: readonly number[], then: readonly number[]): number[] {
  return [...value, op.i32Const, 0, op.i32LtS, op.if, emptyBlock, ...then, op.end];
}

function addToGlobal(global: readonly number[], operation: number, amount: number): number[] {
  return [op.globalGet, ...global, op.i32Const, ...signedLeb(amount), operation, op.globalSet, ...global];
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
  return [
    ...[1, 1, 0x7f], // one local of type i32
    ...ifNegative([op.globalGet, ...leb(additions.stackGlobal)], [op.unreachable]),
    ...[...hook(0), op.localTee, 0, op.if, emptyBlock],
    ...trapIf([op.localGet, 0, op.i32Const, 2, op.i32Eq]),
    ...trapIf(hook(1)),
    ...[op.end, op.end],
  ];
}

export function makeSnippets(additions: Additions): Snippets {
  const fuel = leb(additions.fuelGlobal);
  const stack = leb(additions.stackGlobal);
  const slow = [op.call, ...leb(additions.slowFunction)];
  const useFuel = addToGlobal(fuel, op.i32Sub, 1);
  const charge = (bytes: number): number[] => addToGlobal(stack, op.i32Sub, bytes);
  return {
    checkFuel: [...useFuel, ...ifNegative([op.globalGet, ...fuel], slow)],
    enter: (bytes) => [...charge(bytes), ...ifNegative([op.globalGet, ...stack], [op.unreachable])],
    enterAndCheckFuel: (bytes) => [
      ...useFuel,
      ...charge(bytes),
      ...ifNegative([op.globalGet, ...fuel, op.globalGet, ...stack, op.i32Or], slow),
    ],
    leave: (bytes) => addToGlobal(stack, op.i32Add, bytes),
    save: (local) => [op.globalGet, ...stack, op.localSet, ...leb(local)],
    restore: (local) => [op.localGet, ...leb(local), op.globalSet, ...stack],
    leaveAbsolutely: (local, bytes) => [
      ...[op.localGet, ...leb(local), op.i32Const, ...signedLeb(bytes), op.i32Add],
      ...[op.globalSet, ...stack],
    ],
    slowBody: slowBody(additions),
  };
}

/** `br depth` */
export function branch(depth: number): number[] {
  return [op.br, ...leb(depth)];
}

/** `block type` */
export function block(type: readonly number[]): number[] {
  return [op.block, ...type];
}

export const endOfBlock: number = op.end;
