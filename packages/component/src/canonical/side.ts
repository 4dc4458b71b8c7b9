/** One side of a call: the component instance with the canonical options under which values are lifted or lowered. */
import type { StringEncoding } from "../decode/model.ts";
import type { ComponentState, ResourceType } from "./component-state.ts";
import { hostFrames } from "./guest.ts";
import { elementBytes, listBytesMax } from "./layout.ts";
import type { GuestMemory } from "./memory.ts";
import { toTrap, trap } from "./trap.ts";

/** A core function as JavaScript sees it. */
export type CoreFunction = (...parameters: (number | bigint)[]) => unknown;

/** What a side is made of. */
export interface SideParts {
  readonly state: ComponentState;
  readonly memory: GuestMemory;
  readonly encoding: StringEncoding;
  readonly realloc: CoreFunction | undefined;
  readonly postReturn: CoreFunction | undefined;
  readonly resources: ResourceTypes;
}

/** The runtime types of the resource variables of the definition in which the functions' types are written. */
export interface ResourceTypes {
  get(variable: number): ResourceType;
}

/** One side of a call. Generated code calls its methods. */
export class Side {
  readonly state: ComponentState;
  readonly memory: GuestMemory;
  readonly encoding: StringEncoding;
  readonly resources: ResourceTypes;
  /** Second result of the functions that lower a list or string: its length as the guest sees it. */
  length = 0;
  readonly #realloc: CoreFunction | undefined;
  readonly #postReturn: CoreFunction | undefined;

  constructor(parts: SideParts) {
    this.state = parts.state;
    this.memory = parts.memory;
    this.encoding = parts.encoding;
    this.resources = parts.resources;
    this.#realloc = parts.realloc;
    this.#postReturn = parts.postReturn;
  }

  /** Has the guest allocate memory, and checks what it gives. The views are fresh afterwards. */
  allocate(alignment: number, bytes: number): number {
    if (bytes > listBytesMax) trap("list or string is too long for the canonical ABI");
    const realloc = this.#realloc;
    if (realloc === undefined) trap("no realloc function was given for a value that needs memory");
    const { state, memory } = this;
    state.mayLeave = false;
    hostFrames.depth++;
    let pointer: number;
    try {
      pointer = (realloc(0, 0, alignment, bytes) as number) >>> 0;
    } catch (error) {
      throw toTrap(error);
    } finally {
      hostFrames.depth--;
    }
    state.mayLeave = state.guest.failure === undefined;
    memory.check();
    if ((pointer & (alignment - 1)) !== 0) trap("realloc return: result not aligned");
    if (pointer + bytes > memory.bytes.length) trap("realloc return: beyond end of memory");
    return pointer;
  }

  /** Calls post-return with the flat result of the export. */
  postReturn(result: unknown): void {
    const postReturn = this.#postReturn;
    if (postReturn === undefined) return;
    this.state.mayLeave = false;
    hostFrames.depth++;
    try {
      postReturn(result as number);
    } catch (error) {
      throw toTrap(error);
    } finally {
      hostFrames.depth--;
    }
    this.state.mayLeave = this.state.guest.failure === undefined;
  }

  /** Checks a pointer to a value of known size. */
  checkPointer(pointer: number, alignment: number, size: number): void {
    if ((pointer & (alignment - 1)) !== 0) trap("pointer not aligned");
    if (pointer + size > this.memory.bytes.length) trap("pointer out of bounds of memory");
  }

  /** Checks the place of a list. */
  checkList(pointer: number, count: number, alignment: number, size: number): void {
    if (count * size > listBytesMax) trap("list is too long for the canonical ABI");
    if ((pointer & (alignment - 1)) !== 0) trap("list pointer is not aligned");
    if (pointer + count * size > this.memory.bytes.length) trap("list pointer/length out of bounds of memory");
    this.memory.charge(count * size);
  }

  /** Checks the place of a list whose elements are lifted one by one. */
  checkElements(pointer: number, count: number, alignment: number, size: number): void {
    this.checkList(pointer, count, alignment, size);
    this.memory.charge(count * elementBytes);
  }

  /** Lowers a borrow: the implementor sees the representation, others a handle that they must drop before returning. */
  lowerBorrow(resource: ResourceType, representation: number): number {
    if (resource.implementor === this.state) return representation;
    return this.state.handles.addBorrowed(resource.id, representation);
  }
}
