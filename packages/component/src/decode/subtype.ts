/**
 * When one thing may be given where another is wanted. Each check returns why not, or undefined when it may. Value
 * types must be equal; instances may have more exports; components may want fewer imports.
 */
import type { Case, Field, FunctionType, ValueType } from "../types/value-type.ts";
import { coreMismatch } from "./core/externs.ts";
import type { CoreModule } from "./core/externs.ts";
import type { CoreTypes } from "./core/types.ts";
import { Substitution } from "./substitute.ts";
import type { AnyType, BoundResource, ComponentType, Entity, InstanceType, TypeContext } from "./types.ts";

type Mismatch = string | undefined;
type Entities = ReadonlyMap<string, Entity>;

export class SubtypeCheck {
  readonly #context: TypeContext;
  readonly #coreTypes: CoreTypes;
  readonly #offset: number;

  constructor(context: TypeContext, coreTypes: CoreTypes, offset: number) {
    this.#context = context;
    this.#coreTypes = coreTypes;
    this.#offset = offset;
  }

  value(actual: ValueType, expected: ValueType): Mismatch {
    if (actual === expected) return undefined;
    this.#context.work.spend(1, this.#offset);
    if (actual.kind === "list" && expected.kind === "list") return this.value(actual.element, expected.element);
    if (actual.kind === "option" && expected.kind === "option") return this.value(actual.some, expected.some);
    if (actual.kind === "record" && expected.kind === "record") {
      return this.#members(actual.fields, expected.fields, "field");
    }
    if (actual.kind === "variant" && expected.kind === "variant") {
      return this.#members(actual.cases, expected.cases, "case");
    }
    if (actual.kind === "tuple" && expected.kind === "tuple") return this.#tuple(actual.items, expected.items);
    if (actual.kind === "result" && expected.kind === "result") {
      return (
        this.#optional(actual.ok, expected.ok, "ok type") ?? this.#optional(actual.err, expected.err, "error type")
      );
    }
    if (actual.kind === "flags" && expected.kind === "flags") {
      return sameNames(actual.names, expected.names) ? undefined : "mismatch in flags elements";
    }
    if (actual.kind === "enum" && expected.kind === "enum") {
      return sameNames(actual.cases, expected.cases) ? undefined : "mismatch in enum elements";
    }
    return this.#leaf(actual, expected);
  }

  #leaf(actual: ValueType, expected: ValueType): Mismatch {
    if (actual.kind !== expected.kind) return `expected ${expected.kind}, found ${actual.kind}`;
    if ("resource" in actual && "resource" in expected) return this.#resource(actual.resource, expected.resource);
    return undefined;
  }

  #resource(actual: number, expected: number): Mismatch {
    const { resources } = this.#context;
    return resources.identity(actual) === resources.identity(expected) ? undefined : "resource types are not the same";
  }

  #optional(actual: ValueType | undefined, expected: ValueType | undefined, what: string): Mismatch {
    if (actual === undefined && expected === undefined) return undefined;
    if (expected === undefined) return `expected ${what} to not be present`;
    if (actual === undefined) return `expected ${what}, but found none`;
    return within(this.value(actual, expected), `type mismatch in ${what}`);
  }

  #tuple(actual: readonly ValueType[], expected: readonly ValueType[]): Mismatch {
    if (actual.length !== expected.length) return `expected ${expected.length} types, found ${actual.length}`;
    for (const [index, item] of actual.entries()) {
      const mismatch = this.#optional(item, expected[index], `tuple field ${index}`);
      if (mismatch !== undefined) return mismatch;
    }
    return undefined;
  }

  #members(actual: readonly (Field | Case)[], expected: readonly (Field | Case)[], what: string): Mismatch {
    if (actual.length !== expected.length) return `expected ${expected.length} ${what}s, found ${actual.length}`;
    for (const [index, member] of actual.entries()) {
      const wanted = expected[index];
      if (member.name !== wanted?.name) {
        return `expected ${what} named \`${wanted?.name ?? ""}\`, found \`${member.name}\``;
      }
      const mismatch = this.#optional(member.type, wanted.type, `${what} \`${member.name}\``);
      if (mismatch !== undefined) return mismatch;
    }
    return undefined;
  }

  function(actual: FunctionType, expected: FunctionType): Mismatch {
    if (actual === expected) return undefined;
    return (
      this.#members(actual.parameters, expected.parameters, "parameter") ??
      this.#optional(actual.result, expected.result, "result")
    );
  }

  #module(actual: CoreModule, expected: CoreModule): Mismatch {
    const available = new Map(
      expected.imports.map((each) => [`${each.module.length}:${each.module}${each.name}`, each]),
    );
    this.#context.work.spend(1 + actual.imports.length + expected.exports.size, this.#offset);
    for (const { module, name, type } of actual.imports) {
      const given = available.get(`${module.length}:${module}${name}`);
      if (given === undefined) return `missing expected import \`${module}::${name}\``;
      const mismatch = coreMismatch(given.type, type, this.#coreTypes);
      if (mismatch !== undefined) return `type mismatch in import \`${module}::${name}\`: ${mismatch}`;
    }
    for (const [name, type] of expected.exports) {
      const given = actual.exports.get(name);
      if (given === undefined) return `missing expected export \`${name}\``;
      const mismatch = coreMismatch(given, type, this.#coreTypes);
      if (mismatch !== undefined) return `type mismatch in export \`${name}\`: ${mismatch}`;
    }
    return undefined;
  }

  #instance(actual: InstanceType, expected: InstanceType): Mismatch {
    if (actual === expected) return undefined;
    this.#context.work.spend(1 + expected.exports.size, this.#offset);
    for (const [name, wanted] of expected.exports) {
      const given = actual.exports.get(name);
      if (given === undefined) return `missing expected export \`${name}\``;
      const mismatch = this.entity(given, wanted);
      if (mismatch !== undefined) return `type mismatch in instance export \`${name}\`: ${mismatch}`;
    }
    return undefined;
  }

  #component(actual: ComponentType, expected: ComponentType): Mismatch {
    if (actual === expected) return undefined;
    const imports = this.open(expected.imports, actual.imports, actual.importedResources);
    if (typeof imports === "string") return `type mismatch for import ${imports}`;
    const exports = this.open(imports.entities(actual.exports), expected.exports, expected.definedResources);
    return typeof exports === "string" ? `type mismatch for export ${exports}` : undefined;
  }

  entity(actual: Entity, expected: Entity): Mismatch {
    if (actual.kind === "core-module" && expected.kind === "core-module") {
      return this.#module(actual.type, expected.type);
    }
    if (actual.kind === "type" && expected.kind === "type") return this.anyType(actual.type, expected.type);
    if (actual.kind !== expected.kind || actual.kind === "core-module" || actual.kind === "type") {
      return `expected ${expected.kind}, found ${actual.kind}`;
    }
    return this.anyType(actual, expected as AnyType);
  }

  anyType(actual: AnyType, expected: AnyType): Mismatch {
    if (actual.kind === "value" && expected.kind === "value") return this.value(actual.type, expected.type);
    if (actual.kind === "function" && expected.kind === "function") return this.function(actual.type, expected.type);
    if (actual.kind === "instance" && expected.kind === "instance") return this.#instance(actual.type, expected.type);
    if (actual.kind === "component" && expected.kind === "component") {
      return this.#component(actual.type, expected.type);
    }
    if (actual.kind === "resource" && expected.kind === "resource") {
      return this.#resource(actual.reference, expected.reference);
    }
    return `expected ${expected.kind}, found ${actual.kind}`;
  }

  /**
   * Checks that `given` satisfies `wanted`, whose resources `bound` stand for whichever resources are given. Returns
   * the substitution of what was wanted by what was given, or why it does not fit.
   */
  open(given: Entities, wanted: Entities, bound: readonly BoundResource[]): Substitution | string {
    const { resources, work } = this.#context;
    const substitution = new Substitution(this.#context, this.#offset);
    for (const { resource, path } of bound) {
      const found = follow(given, path);
      if (found?.kind === "type" && found.type.kind === "resource") {
        substitution.replaceResource(resource, resources.identity(found.type.reference));
      }
    }
    work.spend(1 + wanted.size, this.#offset);
    for (const [name, expected] of wanted) {
      const actual = given.get(name);
      if (actual === undefined) return `\`${name}\`: missing expected item named \`${name}\``;
      const mismatch = this.entity(actual, substitution.entity(expected));
      if (mismatch !== undefined) return `\`${name}\`: ${mismatch}`;
    }
    const renaming = new Substitution(this.#context, this.#offset);
    for (const { resource, path } of bound) {
      const found = follow(given, path);
      if (found?.kind === "type" && found.type.kind === "resource") {
        renaming.replaceResource(resource, resources.identity(found.type.reference));
      }
    }
    for (const [name, expected] of wanted) this.#rename(given.get(name), expected, renaming);
    return renaming;
  }

  /** What is built from a wanted type is afterwards built from the given one, with the given one's visibility. */
  #rename(given: Entity | undefined, wanted: Entity, renaming: Substitution): void {
    if (given?.kind === "type" && wanted.kind === "type") renaming.rename(wanted.type, given.type);
    if (given?.kind !== "instance" || wanted.kind !== "instance") return;
    this.#context.work.spend(1 + wanted.type.exports.size, this.#offset);
    for (const [name, entity] of wanted.type.exports) this.#rename(given.type.exports.get(name), entity, renaming);
  }
}

function follow(entities: Entities, path: readonly string[]): Entity | undefined {
  let current: Entity | undefined;
  let names = entities;
  for (const name of path) {
    current = names.get(name);
    names = current?.kind === "instance" ? current.type.exports : new Map();
  }
  return current;
}

function within(mismatch: Mismatch, where: string): Mismatch {
  return mismatch === undefined ? undefined : `${where}: ${mismatch}`;
}

function sameNames(actual: readonly string[], expected: readonly string[]): boolean {
  return actual.length === expected.length && actual.every((name, index) => name === expected[index]);
}
