/** Builds one `ComponentDefinition`: runtime indices, resource variables, and types expressed in those variables. */
import type { FunctionType, ValueType } from "../types/value-type.ts";
import type {
  ComponentDefinition,
  ComponentExport,
  ComponentImport,
  CoreModuleType,
  ExternType,
  Initializer,
  NamedExtern,
  ResourceOrigin,
  SortIndex,
} from "./model.ts";
import type { CoreModule } from "./core/externs.ts";
import { Substitution } from "./substitute.ts";
import type { AnyType, Entity, InstanceType, TypeContext } from "./types.ts";

export type RuntimeSort = "function" | "instance" | "component" | "core-module";

function coreModuleType(module: CoreModule): CoreModuleType {
  return {
    imports: module.imports.map(({ module: from, name, type }) => ({ module: from, name, kind: type.kind })),
    exports: [...module.exports].map(([name, type]) => ({ name, kind: type.kind })),
  };
}

/** A substitution that turns references into positions in a definition's `resources`. */
class Localizer extends Substitution {
  readonly #variable: (reference: number) => number;

  constructor(context: TypeContext, variable: (reference: number) => number) {
    super(context, 0);
    this.#variable = variable;
  }

  override reference(reference: number): number {
    return this.#variable(reference);
  }
}

type MutableVariable = { origin: ResourceOrigin; name?: string };

export class DefinitionBuilder {
  readonly initializers: Initializer[] = [];
  readonly imports: ComponentImport[] = [];
  readonly exports: ComponentExport[] = [];
  /** What this definition takes from the one around it. */
  readonly captures: SortIndex[] = [];
  readonly #captured = new Map<string, number>();
  readonly #variables: MutableVariable[] = [];
  readonly #positions = new Map<number, number>();
  readonly #counts = { function: 0, instance: 0, component: 0, "core-module": 0 };
  readonly #context: TypeContext;
  readonly #localizer: Localizer;
  readonly #externs = new Map<object, ExternType>();

  constructor(context: TypeContext) {
    this.#context = context;
    this.#localizer = new Localizer(context, (reference) => this.variable(reference));
  }

  /** Appends an initializer that defines the next index of `sort`, and returns that index. */
  define(sort: RuntimeSort, initializer: Initializer): number {
    this.initializers.push(initializer);
    return this.#counts[sort]++;
  }

  /** The runtime index under which this definition has what lies at `index` of the definition around it. */
  capture(sort: "component" | "core-module", index: number): number {
    const key = `${sort} ${index}`;
    const known = this.#captured.get(key);
    if (known !== undefined) return known;
    const capture = this.captures.push({ sort, index }) - 1;
    const captured = this.define(sort, { kind: "captured", sort, capture });
    this.#captured.set(key, captured);
    return captured;
  }

  /** Gives the resource with identity `resource` a variable of this definition. */
  declare(resource: number, origin: ResourceOrigin, name?: string): number {
    const known = this.#positions.get(resource);
    if (known !== undefined) return known;
    const position = this.#variables.push({ origin, ...(name === undefined ? {} : { name }) }) - 1;
    this.#positions.set(resource, position);
    return position;
  }

  /** The variable for a reference. A resource that nothing in this definition made is a type parameter. */
  variable(reference: number): number {
    return this.declare(this.#context.resources.identity(reference), { kind: "parameter" });
  }

  /** Records the name by which a resource is exported, unless it has one already. */
  nameResource(reference: number, name: string): void {
    const variable = this.#variables[this.variable(reference)];
    if (variable !== undefined) variable.name ??= name;
  }

  function(type: FunctionType): FunctionType {
    return this.#context.facts.of(type).hasResource ? this.#localizer.function(type) : type;
  }

  value(type: ValueType): ValueType {
    return this.#context.facts.of(type).hasResource ? this.#localizer.value(type) : type;
  }

  /** The index of a type in `SortIndex`: a resource variable, or -1. */
  typeIndex(type: AnyType): number {
    return type.kind === "resource" ? this.variable(type.reference) : -1;
  }

  /** Undefined for types of functions, instances and components, which nobody needs at run time. */
  extern(entity: Entity): ExternType | undefined {
    switch (entity.kind) {
      case "function":
        return { kind: "function", type: this.function(entity.type) };
      case "core-module":
        return { kind: "core-module", type: coreModuleType(entity.type) };
      case "instance":
        return this.#memoized(entity.type, () => this.#instance(entity.type));
      case "component":
        return this.#memoized(entity.type, () => ({
          kind: "component",
          imports: this.#externsOf(entity.type.imports),
          exports: this.#externsOf(entity.type.exports),
        }));
      case "type":
        if (entity.type.kind === "resource")
          return { kind: "resource", resource: this.variable(entity.type.reference) };
        return entity.type.kind === "value" ? { kind: "type", type: this.value(entity.type.type) } : undefined;
    }
  }

  #instance(type: InstanceType): ExternType {
    return { kind: "instance", exports: this.#externsOf(type.exports) };
  }

  #memoized(type: object, make: () => ExternType): ExternType {
    const known = this.#externs.get(type);
    if (known !== undefined) return known;
    const made = make();
    this.#externs.set(type, made);
    return made;
  }

  #externsOf(entities: ReadonlyMap<string, Entity>): NamedExtern[] {
    this.#context.work.spend(1 + entities.size, 0);
    return [...entities].flatMap(([name, entity]) => {
      const type = this.extern(entity);
      return type === undefined ? [] : [{ name, type }];
    });
  }

  finish(): ComponentDefinition {
    return {
      resources: this.#variables.map(({ origin, name }) => ({ ...origin, ...(name === undefined ? {} : { name }) })),
      initializers: this.initializers,
      imports: this.imports,
      exports: this.exports,
    };
  }
}
