/** Replaces resources within types: at instantiation, and where each use of a type gets fresh resources. */
import type { FunctionType, ValueType } from "../types/value-type.ts";
import { childTypes } from "../types/child-types.ts";
import type { AnyType, ComponentType, Entity, InstanceType, TypeContext } from "./types.ts";

/** One substitution. Types without a replaced resource stay the same objects; shared types stay shared. */
export class Substitution {
  readonly #context: TypeContext;
  readonly #offset: number;
  readonly #resources = new Map<number, number>();
  readonly #references = new Map<number, number>();
  readonly #replaced = new Map<object, object>();

  constructor(context: TypeContext, offset: number) {
    this.#context = context;
    this.#offset = offset;
  }

  /** Replaces the resource with identity `from` by that with identity `to`. */
  replaceResource(from: number, to: number): void {
    this.#resources.set(from, to);
  }

  /** Replaces a type as a whole by an equal one under another name. */
  rename(from: AnyType, to: AnyType): void {
    if (from.kind === "resource" && to.kind === "resource") this.#references.set(from.reference, to.reference);
    else if (from.kind === "value" && to.kind === "value") this.#replaced.set(from.type, to.type);
  }

  reference(reference: number): number {
    const known = this.#references.get(reference);
    if (known !== undefined) return known;
    const { resources } = this.#context;
    const replacement = this.#resources.get(resources.identity(reference));
    if (replacement === undefined) return reference;
    const created = resources.reference(replacement);
    this.#references.set(reference, created);
    return created;
  }

  value(type: ValueType): ValueType {
    const { work, facts } = this.#context;
    const known = this.#replaced.get(type);
    if (known !== undefined) return known as ValueType;
    work.spend(1, this.#offset);
    const children = childTypes(type);
    if (children.length === 0 && type.kind !== "own" && type.kind !== "borrow") return type;
    const replaced = this.#rebuild(type);
    if (replaced !== type) facts.add(replaced, this.#offset);
    this.#replaced.set(type, replaced);
    return replaced;
  }

  #rebuild(type: ValueType): ValueType {
    switch (type.kind) {
      case "own":
      case "borrow": {
        const resource = this.reference(type.resource);
        return resource === type.resource ? type : { kind: type.kind, resource };
      }
      case "list": {
        const element = this.value(type.element);
        return element === type.element ? type : { kind: "list", element };
      }
      case "option": {
        const some = this.value(type.some);
        return some === type.some ? type : { kind: "option", some };
      }
      case "tuple": {
        const items = type.items.map((item) => this.value(item));
        return same(items, type.items) ? type : { kind: "tuple", items };
      }
      case "record": {
        const fields = type.fields.map((field) => this.#member(field));
        return same(fields, type.fields) ? type : { kind: "record", fields };
      }
      case "variant": {
        const cases = type.cases.map((each) => this.#member(each));
        return same(cases, type.cases) ? type : { kind: "variant", cases };
      }
      case "result": {
        const ok = type.ok && this.value(type.ok);
        const err = type.err && this.value(type.err);
        if (ok === type.ok && err === type.err) return type;
        return { kind: "result", ...(ok === undefined ? {} : { ok }), ...(err === undefined ? {} : { err }) };
      }
      default:
        return type;
    }
  }

  #member<T extends { readonly type?: ValueType }>(member: T): T {
    if (member.type === undefined) return member;
    const type = this.value(member.type);
    return type === member.type ? member : { ...member, type };
  }

  function(type: FunctionType): FunctionType {
    const { work, facts } = this.#context;
    const known = this.#replaced.get(type);
    if (known !== undefined) return known as FunctionType;
    work.spend(1 + type.parameters.length, this.#offset);
    const parameters = type.parameters.map((each) => this.#member(each));
    const result = type.result && this.value(type.result);
    const unchanged = result === type.result && same(parameters, type.parameters);
    const replaced = unchanged
      ? type
      : facts.add({ parameters, ...(result === undefined ? {} : { result }) }, this.#offset);
    this.#replaced.set(type, replaced);
    return replaced;
  }

  instance(type: InstanceType): InstanceType {
    const known = this.#replaced.get(type);
    if (known !== undefined) return known as InstanceType;
    const exports = this.entities(type.exports);
    const replaced = exports === type.exports ? type : { ...type, exports };
    this.#replaced.set(type, replaced);
    return replaced;
  }

  // The resources bound by a component type keep their identities: no other type can replace them, and whoever
  // instantiates it replaces them by fresh ones anyway.
  component(type: ComponentType): ComponentType {
    const known = this.#replaced.get(type);
    if (known !== undefined) return known as ComponentType;
    const imports = this.entities(type.imports);
    const exports = this.entities(type.exports);
    const unchanged = imports === type.imports && exports === type.exports;
    const replaced = unchanged ? type : { ...type, imports, exports };
    this.#replaced.set(type, replaced);
    return replaced;
  }

  entities(entities: ReadonlyMap<string, Entity>): ReadonlyMap<string, Entity> {
    this.#context.work.spend(1 + entities.size, this.#offset);
    let changed = false;
    const replaced = new Map<string, Entity>();
    for (const [name, entity] of entities) {
      const next = this.entity(entity);
      changed ||= next !== entity;
      replaced.set(name, next);
    }
    return changed ? replaced : entities;
  }

  entity(entity: Entity): Entity {
    if (entity.kind === "core-module") return entity;
    if (entity.kind !== "type") return this.anyType(entity) as Entity;
    const type = this.anyType(entity.type);
    const referenced = entity.referenced === entity.type ? type : this.anyType(entity.referenced);
    return type === entity.type && referenced === entity.referenced ? entity : { kind: "type", type, referenced };
  }

  anyType(any: AnyType): AnyType {
    switch (any.kind) {
      case "value":
        return replacedWith(any, this.value(any.type));
      case "function":
        return replacedWith(any, this.function(any.type));
      case "instance":
        return replacedWith(any, this.instance(any.type));
      case "component":
        return replacedWith(any, this.component(any.type));
      case "resource": {
        const reference = this.reference(any.reference);
        return reference === any.reference ? any : { kind: "resource", reference };
      }
    }
  }
}

function replacedWith<T extends { readonly type: object }>(any: T, type: T["type"]): T {
  return type === any.type ? any : { ...any, type };
}

function same<T>(left: readonly T[], right: readonly T[]): boolean {
  return left.every((each, index) => each === right[index]);
}
