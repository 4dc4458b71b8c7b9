/**
 * Host resources in memory snapshots. A class whose objects can be kept says so where it is declared: `savedKind` gives
 * their data a name and a way back. What has no kind, such as an open connection, can't be kept; while a guest holds it
 * there is no snapshot.
 */
import type { FileSystem } from "./wasi-filesystem/file-system.ts";
import type { Node } from "./wasi-filesystem/nodes.ts";
import type { HostContext } from "./interface.ts";
import type { HostObject, ResourceTable, ResourceTableState } from "./resource-table.ts";

/** One object; `data` is plain. */
export interface SavedObject {
  readonly kind: string;
  readonly data: unknown;
}

export interface SavedResources {
  /** Objects of the table and those that they refer to, by id. */
  readonly objects: readonly SavedObject[];
  readonly table: ResourceTableState<number>;
}

/** A resource is open that can't be kept. The message names it. */
export class NotSavableError extends Error {
  override readonly name = "NotSavableError";
}

type Restore = (data: never, restorer: Restorer) => HostObject;

const kinds = new Map<string, Restore>();

/** Declares a kind; the result makes an object's data into what is saved. */
export function savedKind<Data>(
  name: string,
  restore: (data: Data, restorer: Restorer) => HostObject,
): (data: Data) => SavedObject {
  if (kinds.has(name)) throw new Error(`there are two kinds of saved resources named "${name}"`);
  kinds.set(name, restore);
  return (data) => ({ kind: name, data });
}

/** Collects what a table refers to, each object once. */
export class Saver {
  readonly #objects: SavedObject[] = [];
  readonly #ids = new Map<HostObject, number>();
  readonly #shared = new Map<object, object>();
  /** What open descriptors and streams refer to; some may have no name any more. */
  readonly nodes: Set<Node> = new Set<Node>();

  /** The id of an object that another one refers to. Throws `NotSavableError`. */
  object(object: HostObject): number {
    const known = this.#ids.get(object);
    if (known !== undefined) return known;
    const saved = object.save(this);
    if (saved === undefined)
      throw new NotSavableError(`a resource that can't be saved is open: ${object.constructor.name}`);
    const id = this.#objects.push(saved) - 1;
    this.#ids.set(object, id);
    return id;
  }

  /** The number of a file or directory that stays with what refers to it. */
  node(node: Node): number {
    this.nodes.add(node);
    return node.number;
  }

  /** Plain data that several objects share, made once for all of them. */
  shared<T extends object, Data extends object>(object: T, save: (object: T) => Data): Data {
    const known = this.#shared.get(object);
    if (known !== undefined) return known as Data;
    const saved = save(object);
    this.#shared.set(object, saved);
    return saved;
  }

  /** The objects of a table, by the table's own numbers. Throws `NotSavableError`. */
  save(resources: ResourceTable): SavedResources {
    const table = resources.save((object) => this.object(object));
    return { objects: this.#objects, table };
  }
}

/** Makes objects from what a `Saver` has saved. */
export class Restorer {
  readonly context: HostContext;
  readonly #saved: readonly SavedObject[];
  readonly #nodes: ReadonlyMap<number, Node>;
  readonly #objects = new Map<number, HostObject>();
  readonly #shared = new Map<object, object>();

  constructor(context: HostContext, saved: SavedResources, nodes: ReadonlyMap<number, Node>) {
    this.context = context;
    this.#saved = saved.objects;
    this.#nodes = nodes;
  }

  get files(): FileSystem {
    return this.context.files;
  }

  /** The object of this id, which must be a `kind`. */
  object<T extends HostObject>(id: number, kind: abstract new (...parameters: never[]) => T): T {
    const object = this.#object(id);
    if (object instanceof kind) return object;
    throw new Error(`saved object ${id} is not a ${kind.name}`);
  }

  #object(id: number): HostObject {
    const known = this.#objects.get(id);
    if (known !== undefined) return known;
    const saved = this.#saved[id];
    const restore = kinds.get(saved?.kind ?? "") as ((data: unknown, restorer: Restorer) => HostObject) | undefined;
    if (saved === undefined || restore === undefined) throw new Error(`saved object ${id} is of an unknown kind`);
    const object = restore(saved.data, this);
    this.#objects.set(id, object);
    return object;
  }

  node(number: number): Node {
    const node = this.#nodes.get(number);
    if (node === undefined) throw new Error(`saved node ${number} is missing`);
    return node;
  }

  shared<T extends object, Data extends object>(data: Data, restore: (data: Data) => T): T {
    const known = this.#shared.get(data);
    if (known !== undefined) return known as T;
    const object = restore(data);
    this.#shared.set(data, object);
    return object;
  }

  /** Puts the saved objects into an empty table. */
  restore(resources: ResourceTable, saved: SavedResources): void {
    resources.restore(saved.table, (id) => this.#object(id));
  }
}
