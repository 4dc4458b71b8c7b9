/**
 * Where recursion ends. The engine's own limit depends on which of its compilers made the code: frames of the first
 * one (Liftoff) are up to ten times larger than those of the second. A replay, which starts with the first, could
 * overflow where the live run did not. So each instance has a budget of bytes that counted functions draw from and
 * give back; when it is used up the guest traps. The charges are upper bounds of the larger frames, and the default
 * budget is small enough that the counter always ends a recursion before the engine does.
 *
 * Counting every function would cost too much. Counted are:
 * - functions on a cycle of direct calls, and functions that call indirectly: every recursion passes through one;
 * - functions that catch exceptions: they put the counter right again for the frames that were thrown away;
 * - functions where the uncounted frames on the way to them add up to more than `chainBytesMax`, unless what can be
 *   below them is small and uncounted (`tailBytesMax`).
 *
 * A function that is only recursive is charged its own frame. The others are charged the uncounted frames on the way
 * to them as well, from the last one charged so. That covers all: between two of those only direct calls lead on, and
 * direct calls don't come back to an uncounted function. So the bytes in use never exceed what is charged by more than
 * one last way through uncounted functions (`chainBytesMax + tailBytesMax`).
 *
 * Each core instance has its own counter, while those of a component share one stack: the linker divides the budget
 * among the instances that count (`stackShare`).
 */
import type { CallGraph, Components } from "./call-graph.ts";
import type { ScannedFunction } from "./scan.ts";

/**
 * Budget when nothing else is said. It fits a stack of 4,000 KB (`--stack-size` and
 * `--wasm-stack-switching-stack-size`), and leaves the rest to host functions.
 */
export const defaultStackBytes = 3_000_000;

const chainBytesMax = 1_024;
const tailBytesMax = 8_192;

/** What a frame takes besides locals and operands: return address, saved registers, instance, counters (48 measured). */
const frameBytesFixed = 64;
/** An operand, whose type is not tracked, or a parameter that is passed on the stack. */
const slotBytes = 8;

/** The part of a budget for one of `instances` core instances that count their stack. */
export function stackShare(budget: number, instances: number): number {
  return Math.floor(budget / Math.max(1, instances));
}

/** An upper bound for the frame of a function, in bytes. */
export function frameBytes(scanned: ScannedFunction): number {
  const { localBytes, maximumHeight, maximumParameters, usesVectors } = scanned;
  const slot = usesVectors ? slotBytes * 2 : slotBytes;
  return frameBytesFixed + localBytes + (maximumHeight + maximumParameters) * slot;
}

/** What each function is charged; 0 for those that are not counted. */
export function stackCharges(
  functions: readonly ScannedFunction[],
  graph: CallGraph,
  components: Components,
): Int32Array {
  const { calleesFirst, cycleStart, recursive } = components;
  const charges = new Int32Array(functions.length);
  const frames = Int32Array.from(functions, frameBytes);
  for (const [index, each] of functions.entries()) {
    const isBase = recursive[index] === 1 || each.callsIndirectly || each.handlesExceptions;
    charges[index] = isBase ? (frames[index] ?? 0) : 0;
  }
  const tails = tailBytes(frames, graph, { charges, order: calleesFirst });
  // The uncounted bytes on the way to each cycle, by its place in the order: they are the same for all its functions.
  const incoming = new Int32Array(functions.length);
  for (let place = functions.length - 1; place >= 0; place--) {
    const index = calleesFirst[place] ?? 0;
    const before = incoming[cycleStart[index] ?? 0] ?? 0;
    const chain = before + (frames[index] ?? 0);
    const isLong = chain > chainBytesMax && (tails[index] ?? 0) > tailBytesMax;
    let after = chain;
    if (functions[index]?.callsIndirectly || functions[index]?.handlesExceptions || (isLong && charges[index] === 0)) {
      charges[index] = chain;
      after = 0;
    } else if (recursive[index] === 1) after = before;
    const end = graph.starts[index + 1] ?? 0;
    for (let edge = graph.starts[index] ?? 0; edge < end; edge++) {
      const cycle = cycleStart[graph.callees[edge] ?? 0] ?? 0;
      if (after > (incoming[cycle] ?? 0)) incoming[cycle] = after;
    }
  }
  return charges;
}

/** The largest chain from each function down when it meets no counted function, else more than `tailBytesMax`. */
function tailBytes(
  frames: Int32Array,
  graph: CallGraph,
  base: { readonly charges: Int32Array; readonly order: Int32Array },
): Int32Array {
  const tails = new Int32Array(frames.length);
  for (const index of base.order) {
    let below = 0;
    const end = graph.starts[index + 1] ?? 0;
    for (let edge = graph.starts[index] ?? 0; edge < end; edge++) {
      below = Math.max(below, tails[graph.callees[edge] ?? 0] ?? 0);
    }
    const counted = base.charges[index] !== 0;
    tails[index] = counted ? tailBytesMax + 1 : Math.min(tailBytesMax + 1, below + (frames[index] ?? 0));
  }
  return tails;
}
