/**
 * Types that are visible from outside: an import or export may only use records, variants, enums, flags and resources
 * that were themselves imported or exported before, under a name (Explainer.md, "External visibility of types").
 */
import type { FunctionType, ValueType } from "../types/value-type.ts";
import { childTypes } from "../types/child-types.ts";
import { mustBeNamed } from "./types.ts";
import type { AnyType, Entity, InstanceType, TypeContext } from "./types.ts";

/** The identity of a type for visibility: its object, or the reference to a resource. */
type NameKey = object | number;

function keyOf(any: AnyType): NameKey {
  return any.kind === "resource" ? any.reference : any.type;
}

/** The types that imports, or exports, of one component or component type have named so far. */
export class VisibleTypes {
  readonly #imported = new Set<NameKey>();
  readonly #exported = new Set<NameKey>();
  readonly #context: TypeContext;

  constructor(context: TypeContext) {
    this.#context = context;
  }

  /** Registers an import or export; false when it uses a type that is not visible. */
  admit(entity: Entity, direction: "import" | "export", offset: number): boolean {
    const names = direction === "import" ? this.#imported : this.#exported;
    switch (entity.kind) {
      case "type": {
        const referenced = keyOf(entity.referenced);
        if (direction === "import" && this.#exported.has(referenced) && !this.#imported.has(referenced)) return false;
        if (!this.#partsVisible(entity.referenced, names, offset)) return false;
        this.#exported.add(keyOf(entity.type));
        if (direction === "import") this.#imported.add(keyOf(entity.type));
        return true;
      }
      case "instance":
        this.#context.work.spend(1 + entity.type.exports.size, offset);
        return [...entity.type.exports.values()].every((each) => this.admit(each, direction, offset));
      case "function":
        return this.#functionVisible(entity.type, names, offset);
      default:
        return true;
    }
  }

  #partsVisible(any: AnyType, names: Set<NameKey>, offset: number): boolean {
    switch (any.kind) {
      case "value":
        return mustBeNamed(any.type)
          ? childTypes(any.type).every((child) => this.#visible(child, names, offset))
          : this.#visible(any.type, names, offset);
      case "function":
        return this.#functionVisible(any.type, names, offset);
      case "instance":
        return this.#instanceVisible(any.type, names, offset);
      default:
        return true;
    }
  }

  #functionVisible(type: FunctionType, names: ReadonlySet<NameKey>, offset: number): boolean {
    const all = type.result === undefined ? type.parameters : [...type.parameters, { type: type.result }];
    return all.every((each) => this.#visible(each.type, names, offset));
  }

  /** The types an instance type exports are named within it, and only there. */
  #instanceVisible(type: InstanceType, names: Set<NameKey>, offset: number): boolean {
    this.#context.work.spend(1 + type.exports.size, offset);
    const added: NameKey[] = [];
    let visible = true;
    for (const entity of type.exports.values()) {
      if (entity.kind === "core-module" || entity.kind === "component") continue;
      const any = entity.kind === "type" ? entity.type : entity;
      visible = this.#partsVisible(any, names, offset);
      if (!visible) break;
      if (entity.kind === "type" && !names.has(keyOf(any))) {
        names.add(keyOf(any));
        added.push(keyOf(any));
      }
    }
    for (const key of added) names.delete(key);
    return visible;
  }

  #visible(type: ValueType, names: ReadonlySet<NameKey>, offset: number): boolean {
    if (mustBeNamed(type)) return names.has(type);
    if (type.kind === "own" || type.kind === "borrow") return names.has(type.resource);
    this.#context.work.spend(1, offset);
    return childTypes(type).every((child) => this.#visible(child, names, offset));
  }
}
