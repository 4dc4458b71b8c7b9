/**
 * Types while decoding. Value and function types have their final shape (`types/value-type.ts`), but the `resource`
 * of a handle is a *reference* (see `Resources`); `localize.ts` turns references into the variables of a definition.
 * Types are shared, not copied: the same type index always gives the same object.
 */
import { childTypes } from "../types/child-types.ts";
import { primitiveKinds } from "../types/value-type.ts";
import type { FunctionType, PrimitiveKind, ValueType } from "../types/value-type.ts";
import type { CoreModule } from "./core/externs.ts";
import { limits } from "./limits.ts";
import { invalid } from "./reader.ts";

/** How large a type is when written out as a tree. */
export interface Measure {
  readonly size: number;
  readonly depth: number;
}

export interface InstanceType {
  readonly exports: ReadonlyMap<string, Entity>;
  /** Resources that this type introduces; whoever makes an instance of it replaces them by fresh ones. */
  readonly fresh: readonly number[];
  readonly measure: Measure;
}

/** A resource that a component type binds, and the names that lead to it among its imports or exports. */
export interface BoundResource {
  readonly resource: number;
  readonly path: readonly string[];
}

export interface ComponentType {
  readonly imports: ReadonlyMap<string, Entity>;
  readonly exports: ReadonlyMap<string, Entity>;
  readonly importedResources: readonly BoundResource[];
  /** Resources that each instance of the component makes anew. */
  readonly definedResources: readonly BoundResource[];
  readonly measure: Measure;
}

/** What a type index can refer to. */
export type AnyType =
  | { readonly kind: "value"; readonly type: ValueType }
  | { readonly kind: "function"; readonly type: FunctionType }
  | { readonly kind: "instance"; readonly type: InstanceType }
  | { readonly kind: "component"; readonly type: ComponentType }
  | { readonly kind: "resource"; readonly reference: number };

/** The type of something imported or exported. */
export type Entity =
  | { readonly kind: "core-module"; readonly type: CoreModule }
  | { readonly kind: "function"; readonly type: FunctionType }
  | { readonly kind: "instance"; readonly type: InstanceType }
  | { readonly kind: "component"; readonly type: ComponentType }
  /** `type` is the new name for `referenced`; both are equal, but only the new one is visible from outside. */
  | { readonly kind: "type"; readonly type: AnyType; readonly referenced: AnyType };

/**
 * The resource types of a binary. A resource has an identity, by which it is compared, and one reference for each
 * name it got: importing or exporting a type gives a new reference to the same resource, because only types used
 * through such a name are visible from outside.
 */
export class Resources {
  readonly #identities: number[] = [];
  #count = 0;

  /** Makes a new resource and returns the first reference to it. */
  fresh(): number {
    return this.#identities.push(this.#count++) - 1;
  }

  /** Makes one more reference to the resource of `identity`. */
  reference(identity: number): number {
    return this.#identities.push(identity) - 1;
  }

  identity(reference: number): number {
    return this.#identities[reference] ?? -1;
  }
}

/** Counts the work spent on types, and ends decoding when a binary asks for too much. */
export class Work {
  #left: number = limits.work;

  spend(steps: number, offset: number): void {
    this.#left -= steps;
    if (this.#left < 0) invalid("types are too complex", offset);
  }
}

interface Facts {
  readonly size: number;
  readonly depth: number;
  readonly hasResource: boolean;
  readonly hasBorrow: boolean;
}

const primitiveFacts: Facts = { size: 1, depth: 1, hasResource: false, hasBorrow: false };

function primitiveType(kind: PrimitiveKind): readonly [PrimitiveKind, ValueType] {
  return [kind, { kind }];
}

/** The one object for each primitive type. */
export const primitives: ReadonlyMap<string, ValueType> = new Map(primitiveKinds.map(primitiveType));

function ownSize(type: ValueType): number {
  switch (type.kind) {
    case "record":
      return 1 + type.fields.length;
    case "variant":
    case "enum":
      return 1 + type.cases.length;
    case "flags":
      return 1 + type.names.length;
    default:
      return 1;
  }
}

/** What is known of each value and function type, found once from its parts. */
export class TypeFacts {
  readonly #facts = new Map<ValueType | FunctionType, Facts>();

  of(type: ValueType | FunctionType): Facts {
    return this.#facts.get(type) ?? primitiveFacts;
  }

  /** Registers a new type whose parts are registered; checks its size. */
  add<T extends ValueType | FunctionType>(type: T, offset: number): T {
    const isFunction = !("kind" in type);
    const parts = isFunction
      ? [...type.parameters.map((each) => each.type), ...(type.result === undefined ? [] : [type.result])]
      : childTypes(type);
    let size = isFunction ? 1 + type.parameters.length : ownSize(type);
    let depth = 0;
    let hasBorrow = !isFunction && type.kind === "borrow";
    let hasResource = hasBorrow || (!isFunction && type.kind === "own");
    for (const part of parts) {
      const facts = this.of(part);
      size += facts.size;
      depth = Math.max(depth, facts.depth);
      hasBorrow ||= facts.hasBorrow;
      hasResource ||= facts.hasResource;
    }
    if (size > limits.valueTypeSize) invalid("effective type size exceeds the limit", offset);
    if (depth >= limits.typeDepth) invalid("type nesting is too deep", offset);
    this.#facts.set(type, { size, depth: depth + 1, hasResource, hasBorrow });
    return type;
  }
}

/** What all parts of the decoder share while they decode one binary. */
export interface TypeContext {
  readonly resources: Resources;
  readonly facts: TypeFacts;
  readonly work: Work;
}

function measureOf(entity: Entity | AnyType, facts: TypeFacts): Measure {
  switch (entity.kind) {
    case "core-module":
      return { size: 1 + entity.type.imports.length + entity.type.exports.size, depth: 1 };
    case "type":
      return measureOf(entity.type, facts);
    case "value":
    case "function":
      return { size: facts.of(entity.type).size, depth: 1 };
    case "instance":
    case "component":
      return entity.type.measure;
    case "resource":
      return { size: 1, depth: 1 };
  }
}

/** Measures a component or instance type by what it lists, and checks the limits. */
export function measure(lists: readonly ReadonlyMap<string, Entity>[], facts: TypeFacts, offset: number): Measure {
  let size = 1;
  let depth = 1;
  for (const list of lists) {
    for (const entity of list.values()) {
      const each = measureOf(entity, facts);
      size += each.size;
      depth = Math.max(depth, 1 + each.depth);
    }
  }
  if (size > limits.typeSize) invalid("effective type size exceeds the limit", offset);
  if (depth > limits.nestingDepth) invalid("type nesting is too deep", offset);
  return { size, depth };
}

/**
 * A new name for `type`: an equal type with an identity of its own, where identity matters for visibility.
 */
export function renamed(type: AnyType, context: TypeContext, offset: number): AnyType {
  if (type.kind === "resource") {
    const { resources } = context;
    return { kind: "resource", reference: resources.reference(resources.identity(type.reference)) };
  }
  if (type.kind === "value" && mustBeNamed(type.type)) {
    context.work.spend(ownSize(type.type), offset);
    return { kind: "value", type: context.facts.add({ ...type.type }, offset) };
  }
  return type;
}

/** Whether types of this kind may be used by an import or export only under a name of their own. */
export function mustBeNamed(type: ValueType): boolean {
  return type.kind === "record" || type.kind === "variant" || type.kind === "enum" || type.kind === "flags";
}
