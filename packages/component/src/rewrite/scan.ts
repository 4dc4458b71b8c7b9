/**
 * Walks once over the instructions of every function. It finds where checks have to be inserted, whom each function
 * calls, how large its frame may get, and which instructions change state that can't be saved. It does not validate:
 * the engine does. But it always ends, whatever the bytes are.
 */
import { malformed, unsupported } from "../decode/reader.ts";
import { IntegerList } from "./byte-writer.ts";
import { ControlStack } from "./control-stack.ts";
import type { ModuleFacts } from "./module-facts.ts";
import { scanPrefixed } from "./scan-prefixed.ts";
import { form, forms, heights } from "./opcodes.ts";

/** Kinds of places where a function body is changed. */
export const point = {
  /** After the head of a loop. Argument: 1 when exceptions are caught there. */
  loop: 0,
  /** At a `return`. Argument: the depth of blocks around it. */
  return: 1,
  /** Before a tail call. */
  tailCall: 2,
  /** Where a caught exception arrives. */
  handler: 3,
} as const;

/** Numbers for each point in `Scan.points`: position, kind, argument. */
export const pointStride = 3;

/** Sizes of locals by the codes of their types, where they are not 8: i32, f32, v128. */
const localBytes: Readonly<Record<number, number>> = { 0x7f: 4, 0x7d: 4, 0x7b: 16 };

/** What is known of one function. */
export interface ScannedFunction {
  readonly bodyStart: number;
  /** Where the instructions begin, after the local declarations. */
  readonly codeStart: number;
  readonly bodyEnd: number;
  /** Number of local declarations (not of locals). */
  readonly localGroups: number;
  readonly localCount: number;
  /** What locals and parameters take in the larger frames (see `stack-budget.ts`). */
  readonly localBytes: number;
  readonly maximumHeight: number;
  readonly maximumParameters: number;
  readonly firstPoint: number;
  readonly endPoint: number;
  readonly firstCall: number;
  readonly endCall: number;
  readonly callsIndirectly: boolean;
  readonly handlesExceptions: boolean;
  readonly usesVectors: boolean;
}

export class Scanner {
  readonly bytes: Uint8Array;
  readonly facts: ModuleFacts;
  readonly points = new IntegerList();
  /** Directly called functions, by position among those that the module defines. */
  readonly calls = new IntegerList();
  /** Positions of `memory.size` and `memory.grow`. */
  readonly memorySizes = new IntegerList();
  readonly control = new ControlStack();
  /** Why an idle instance can't be saved, as far as instructions say. */
  obstacle: string | undefined;
  position = 0;
  usesVectors = false;
  #end = 0;
  #maximumParameters = 0;
  #callsIndirectly = false;
  #handlesExceptions = false;

  constructor(bytes: Uint8Array, facts: ModuleFacts) {
    this.bytes = bytes;
    this.facts = facts;
  }

  /** Scans the body of function `index` that spans the bytes from `start` to `end`. */
  scan(index: number, start: number, end: number): ScannedFunction {
    const { control, facts } = this;
    this.position = start;
    this.#end = end;
    this.#maximumParameters = 0;
    this.#callsIndirectly = this.#handlesExceptions = this.usesVectors = false;
    const firstPoint = this.points.length;
    const firstCall = this.calls.length;
    const locals = this.#locals();
    const codeStart = this.position;
    control.reset(facts.resultCount(index));
    while (control.depth > 0) this.#instruction();
    if (this.position !== end) malformed("function body does not end with its last `end`", this.position);
    return {
      bodyStart: start,
      codeStart,
      bodyEnd: end,
      localGroups: locals.groups,
      localCount: locals.count,
      localBytes: locals.bytes + facts.parameterBytes(index),
      maximumHeight: control.maximumHeight,
      maximumParameters: this.#maximumParameters,
      firstPoint,
      endPoint: this.points.length,
      firstCall,
      endCall: this.calls.length,
      callsIndirectly: this.#callsIndirectly,
      handlesExceptions: this.#handlesExceptions,
      usesVectors: this.usesVectors,
    };
  }

  #locals(): { groups: number; count: number; bytes: number } {
    const groups = this.u32();
    let count = 0;
    let bytes = 0;
    for (let group = 0; group < groups && this.position < this.#end; group++) {
      const size = this.u32();
      const type = this.bytes[this.position] ?? 0;
      this.skipValueType();
      count += size;
      bytes += size * (localBytes[type] ?? 8);
    }
    if (count > 50_000) malformed("too many locals", this.position);
    return { groups, count, bytes };
  }

  u32(): number {
    const { bytes } = this;
    let byte = bytes[this.position++] ?? 0;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80 && shift < 35; shift += 7) {
      byte = bytes[this.position++] ?? 0;
      value |= (byte & 0x7f) << shift;
    }
    return value >>> 0;
  }

  skipLeb(): void {
    const { bytes } = this;
    while ((bytes[this.position++] ?? 0) >= 0x80);
  }

  skipValueType(): void {
    const type = this.bytes[this.position++] ?? 0;
    if (type === 0x63 || type === 0x64) this.skipLeb();
  }

  skipMemoryArgument(): void {
    const alignment = this.u32();
    if (alignment & 0x40) this.skipLeb();
    this.skipLeb();
  }

  point(position: number, kind: number, argument: number): void {
    this.points.push(position);
    this.points.push(kind);
    this.points.push(argument);
  }

  #instruction(): void {
    const at = this.position;
    if (at >= this.#end) malformed("function body ends before its last `end`", at);
    const opcode = this.bytes[at] ?? 0;
    this.position = at + 1;
    switch (forms[opcode]) {
      case form.none:
        break;
      case form.leb:
        if (opcode === 0x3f || opcode === 0x40) this.memorySizes.push(at);
        this.skipLeb();
        break;
      case form.memory:
        this.skipMemoryArgument();
        break;
      case form.bytes4:
        this.position += 4;
        break;
      case form.bytes8:
        this.position += 8;
        break;
      case form.special:
        if (opcode >= 0xfb) scanPrefixed(this, opcode, at);
        else this.#special(opcode, at);
        return;
      default:
        unsupported(`instruction 0x${opcode.toString(16)}`, at);
    }
    this.control.change(heights[opcode] ?? 0);
  }

  #special(opcode: number, at: number): void {
    const { control } = this;
    switch (opcode) {
      case 0x00: // unreachable
        return control.unreachable();
      case 0x02: // block
      case 0x03: // loop
      case 0x04: // if
      case 0x06: // try
        return this.#block(opcode);
      case 0x05: // else
        return control.restart();
      case 0x07: // catch
        control.restart(this.facts.tagParameters(this.u32()));
        return this.#handler();
      case 0x19: // catch_all
        control.restart(0);
        return this.#handler();
      case 0x08: // throw
      case 0x09: // rethrow
      case 0x0c: // br
        this.skipLeb();
        return control.unreachable();
      case 0x0a: // throw_ref
        return control.unreachable();
      case 0x18: // delegate
        this.skipLeb();
        return control.end();
      case 0x0b: // end
        if (control.catches) this.point(this.position, point.handler, 0);
        return control.end();
      case 0x0d: // br_if
        this.skipLeb();
        return control.change(-1);
      case 0x0e: // br_table
        for (let count = this.u32(); count >= 0 && this.position < this.#end; count--) this.skipLeb();
        return control.unreachable();
      case 0x0f: // return
        this.point(at, point.return, control.depth - 1);
        return control.unreachable();
      case 0x1c: // select with types
        for (let count = this.u32(); count > 0 && this.position < this.#end; count--) this.skipValueType();
        return control.change(-2);
      case 0x1f: // try_table
        return this.#tryTable();
      case 0x26: // table.set
        this.skipLeb();
        this.obstacle ??= "it changes a table (table.set)";
        return control.change(-2);
      default:
        return this.#call(opcode, at);
    }
  }

  #block(opcode: number): void {
    const { control } = this;
    if (opcode === 0x04) control.change(-1);
    const type = this.#blockType();
    if (opcode === 0x03) {
      control.beginLoop(type.parameters, type.results, this.points.length);
      this.point(this.position, point.loop, 0);
    } else control.begin(type.parameters, type.results);
    if (opcode === 0x06) this.#handlesExceptions = true;
  }

  #blockType(): { parameters: number; results: number } {
    const { bytes } = this;
    const first = bytes[this.position] ?? 0;
    if (first === 0x40) {
      this.position++;
      return { parameters: 0, results: 0 };
    }
    // A negative number is a value type, any other the index of a function type.
    if (first >= 0x40 && first < 0x80) {
      this.skipValueType();
      return { parameters: 0, results: 1 };
    }
    const type = this.u32();
    return this.facts.blockType(type);
  }

  #handler(): void {
    this.#handlesExceptions = true;
    this.point(this.position, point.handler, 0);
  }

  #tryTable(): void {
    const { control } = this;
    const type = this.#blockType();
    this.#handlesExceptions = true;
    for (let count = this.u32(); count > 0 && this.position < this.#end; count--) {
      const kind = this.bytes[this.position++] ?? 0;
      if (kind < 2) this.skipLeb();
      const loop = control.catchAt(this.u32());
      if (loop >= 0) this.points.set(loop + 2, 1);
    }
    control.begin(type.parameters, type.results);
  }

  #call(opcode: number, at: number): void {
    const { control, facts } = this;
    const isTail = opcode === 0x12 || opcode === 0x13 || opcode === 0x15;
    if (isTail) this.point(at, point.tailCall, 0);
    const target = this.u32();
    if (opcode === 0x10 || opcode === 0x12) {
      const defined = target - facts.importedFunctions;
      if (defined >= 0 && defined < facts.definedFunctions) this.calls.push(defined);
      this.#callee(facts.parameterCount(target), facts.resultCount(target), 0);
    } else if (opcode === 0x11 || opcode === 0x13 || opcode === 0x14 || opcode === 0x15) {
      if (opcode < 0x14) this.skipLeb();
      this.#callsIndirectly = true;
      const type = facts.blockType(target);
      this.#callee(type.parameters, type.results, 1);
    } else unsupported(`instruction 0x${opcode.toString(16)}`, at);
    if (isTail) control.unreachable();
  }

  #callee(parameters: number, results: number, extra: number): void {
    if (parameters > this.#maximumParameters) this.#maximumParameters = parameters;
    this.control.change(-parameters - extra);
    this.control.change(results);
  }
}
