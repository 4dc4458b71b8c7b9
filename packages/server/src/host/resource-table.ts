/**
 * The host's resources of one instance. The guest holds their representations, u32 numbers given out by this table in
 * an order that depends on the guest's calls alone, so that replay gives the same ones.
 */
import { HostTrap } from "../durability/errors.ts";

/** More open resources than this are a leak or an attack. */
export const resourcesMax = 1_000_000;

export abstract class HostObject {
  /** Runs when the resource is dropped by the guest, or the instance ends. */
  close(): void {}
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

  /** Ends with the instance. */
  closeAll(): void {
    for (const object of this.#entries) object?.close();
    this.#entries.length = 0;
    this.#free.length = 0;
  }
}
