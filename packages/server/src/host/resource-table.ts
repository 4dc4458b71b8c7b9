/**
 * The host's resources of one instance. The guest holds their representations, u32 numbers given out by this table in
 * an order that depends on the guest's calls alone, so that replay gives the same ones.
 */
import { HostTrap } from "../durability/errors.ts";
import type { SavedObject, Saver } from "./saved-resources.ts";

/** More open resources than this are a leak or an attack. */
export const resourcesMax = 1_000_000;

export abstract class HostObject {
  /** Runs when the resource is dropped by the guest, or the instance ends. */
  close(): void {}

  /** What a memory snapshot keeps of it (`saved-resources.ts`); undefined: it can't be kept as it is now. */
  save(_saver: Saver): SavedObject | undefined {
    return undefined;
  }
}

/** A table as plain data; each object is a `Reference`. */
export interface ResourceTableState<Reference> {
  /** By representation; undefined where it is free. */
  readonly entries: readonly (Reference | undefined)[];
  readonly free: readonly number[];
}

export class ResourceTable {
  readonly #entries: (HostObject | undefined)[] = [];
  readonly #free: number[] = [];

  /** Returns the representation. Throws `HostTrap` when there are too many. */
  add(object: HostObject): number {
    const representation = this.#free.pop() ?? this.#entries.length;
    if (representation >= resourcesMax)
      throw new HostTrap(`resource table is full: ${resourcesMax} resources are open`);
    this.#entries[representation] = object;
    return representation;
  }

  /** The object behind a representation. The canonical ABI has checked the handle's type; the class is checked again. */
  get<T extends HostObject>(representation: number, kind: abstract new (...parameters: never[]) => T): T {
    const object = this.#entries[representation];
    if (object instanceof kind) return object;
    throw new HostTrap(`resource ${representation} is not an open ${kind.name}`);
  }

  /** Drops it; unknown representations trap. */
  remove(representation: number): void {
    const object = this.#entries[representation];
    if (object === undefined) throw new HostTrap(`resource ${representation} is not open`);
    this.#entries[representation] = undefined;
    this.#free.push(representation);
    object.close();
  }

  /** The table with a reference in place of each object. */
  save<Reference>(reference: (object: HostObject) => Reference): ResourceTableState<Reference> {
    const entries = this.#entries.map((object) => (object === undefined ? undefined : reference(object)));
    return { entries, free: [...this.#free] };
  }

  /** Fills an empty table. */
  restore<Reference>(saved: ResourceTableState<Reference>, object: (reference: Reference) => HostObject): void {
    for (const entry of saved.entries) this.#entries.push(entry === undefined ? undefined : object(entry));
    for (const index of saved.free) this.#free.push(index);
  }

  /** Ends with the instance. */
  closeAll(): void {
    for (const object of this.#entries) object?.close();
    this.#entries.length = 0;
    this.#free.length = 0;
  }
}
