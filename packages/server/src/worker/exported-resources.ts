/** The resources of the guest that the outside holds, by the ids that clients know them by. */

export interface ExportedResource {
  /** Resource variable of the component. */
  readonly resource: number;
  readonly representation: number;
}

/** The table as plain data. */
export interface SavedExportedResources {
  readonly byId: ReadonlyMap<number, ExportedResource> | undefined;
  readonly indexed: ReadonlyMap<string, number> | undefined;
  readonly nextId: number;
}

export class ExportedResources {
  /** Both are made for the first one: most workers hand none out. */
  #byId: Map<number, ExportedResource> | undefined;
  #indexed: Map<string, number> | undefined;
  #nextId = 0;

  /** Takes a resource that the guest handed out and returns its id. Ids count up, so that replay gives the same. */
  add(resource: ExportedResource): number {
    const id = this.#nextId++;
    (this.#byId ??= new Map()).set(id, resource);
    return id;
  }

  save(): SavedExportedResources {
    return { byId: this.#byId, indexed: this.#indexed, nextId: this.#nextId };
  }

  /** Fills a fresh table. */
  restore({ byId, indexed, nextId }: SavedExportedResources): void {
    if (byId !== undefined) this.#byId = new Map(byId);
    if (indexed !== undefined) this.#indexed = new Map(indexed);
    this.#nextId = nextId;
  }

  get(id: number): ExportedResource | undefined {
    return this.#byId?.get(id);
  }

  remove(id: number): void {
    this.#byId?.delete(id);
    for (const [key, indexedId] of this.#indexed ?? []) if (indexedId === id) this.#indexed?.delete(key);
  }

  /** The id of the resource made by these arguments, if it is still there. */
  indexed(resourceName: string, argumentsText: string): number | undefined {
    return this.#indexed?.get(`${resourceName}(${argumentsText})`);
  }

  index(resourceName: string, argumentsText: string, id: number): void {
    (this.#indexed ??= new Map()).set(`${resourceName}(${argumentsText})`, id);
  }
}
