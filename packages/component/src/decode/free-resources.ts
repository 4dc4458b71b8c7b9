/** Which resources a type mentions without binding them, and where they are exported. */
import type { ValueType } from "../types/value-type.ts";
import { childTypes } from "../types/child-types.ts";
import type { AnyType, BoundResource, Entity, TypeContext } from "./types.ts";

/** Collects identities of resources from any number of types. */
export class ResourceCollector {
  readonly found = new Set<number>();
  readonly #seen = new Set<object>();
  readonly #context: TypeContext;
  readonly #offset: number;

  constructor(context: TypeContext, offset: number) {
    this.#context = context;
    this.#offset = offset;
  }

  #enter(type: object): boolean {
    if (this.#seen.has(type)) return false;
    this.#context.work.spend(1, this.#offset);
    this.#seen.add(type);
    return true;
  }

  value(type: ValueType): void {
    if (!this.#context.facts.of(type).hasResource || !this.#enter(type)) return;
    if (type.kind === "own" || type.kind === "borrow") this.#add(type.resource);
    for (const child of childTypes(type)) this.value(child);
  }

  #add(reference: number): void {
    this.found.add(this.#context.resources.identity(reference));
  }

  entities(entities: ReadonlyMap<string, Entity>): void {
    for (const entity of entities.values()) {
      if (entity.kind === "type") {
        this.anyType(entity.type);
        this.anyType(entity.referenced);
      } else if (entity.kind !== "core-module") this.anyType(entity);
    }
  }

  anyType(any: AnyType): void {
    switch (any.kind) {
      case "resource":
        return this.#add(any.reference);
      case "value":
        return this.value(any.type);
      case "function":
        if (!this.#enter(any.type)) return;
        for (const { type } of any.type.parameters) this.value(type);
        if (any.type.result !== undefined) this.value(any.type.result);
        return;
      case "instance":
        if (!this.#enter(any.type)) return;
        this.entities(any.type.exports);
        for (const resource of any.type.fresh) this.found.delete(resource);
        return;
      case "component":
        if (!this.#enter(any.type)) return;
        this.entities(any.type.imports);
        this.entities(any.type.exports);
        for (const { resource } of any.type.importedResources) this.found.delete(resource);
        for (const { resource } of any.type.definedResources) this.found.delete(resource);
    }
  }
}

/** Finds where `wanted` resources are exported among `entities`: for each the first path, outermost name first. */
export function explicitPaths(
  entities: ReadonlyMap<string, Entity>,
  wanted: ReadonlySet<number>,
  options: { readonly context: TypeContext; readonly offset: number },
): BoundResource[] {
  const { context, offset } = options;
  const found = new Map<number, BoundResource>();
  const search = (exports: ReadonlyMap<string, Entity>, prefix: readonly string[]): void => {
    context.work.spend(1 + exports.size, offset);
    for (const [name, entity] of exports) {
      if (entity.kind === "instance") search(entity.type.exports, [...prefix, name]);
      if (entity.kind !== "type" || entity.type.kind !== "resource") continue;
      const resource = context.resources.identity(entity.type.reference);
      if (wanted.has(resource) && !found.has(resource)) found.set(resource, { resource, path: [...prefix, name] });
    }
  };
  if (wanted.size > 0) search(entities, []);
  return [...found.values()];
}
