/** The index spaces of one component, component type or instance type while it is decoded. */
import type { FunctionType } from "../types/value-type.ts";
import type { CoreExtern, CoreModule } from "./core/externs.ts";
import type { CoreTypes } from "./core/types.ts";
import type { DefinitionBuilder } from "./definition.ts";
import { uniquenessKey } from "./extern-names.ts";
import type { ExternName } from "./extern-names.ts";
import type { CoreKind } from "./core/module.ts";
import type { CoreModuleRange, ProducersField } from "./model.ts";
import { invalid } from "./reader.ts";
import type { AnyType, BoundResource, ComponentType, Entity, InstanceType, TypeContext } from "./types.ts";
import { VisibleTypes } from "./visibility.ts";

/** What all scopes of one binary share. */
export interface Decoding extends TypeContext {
  readonly coreTypes: CoreTypes;
  readonly definitions: DefinitionBuilder[];
  readonly coreModules: CoreModuleRange[];
  readonly producers: ProducersField[];
}

/** Something that exists at run time; `runtime` is its index there, or -1 within types. */
export interface Item<T> {
  readonly type: T;
  readonly runtime: number;
}

export type CoreTypeEntry =
  | { readonly kind: "type"; readonly identity: number }
  | { readonly kind: "module"; readonly module: CoreModule };

/** The names given so far by the imports, or the exports, of a scope. */
export class NamedItems {
  readonly entities = new Map<string, Entity>();
  readonly #unique = new Map<string, string>();
  /** Resources imported or exported here by name: names by reference. Methods need them. */
  readonly #resourceNames = new Map<number, string>();
  readonly #direction: "import" | "export";

  constructor(direction: "import" | "export") {
    this.#direction = direction;
  }

  nameResource(reference: number, name: string): void {
    this.#resourceNames.set(reference, name);
  }

  resourceName(reference: number): string | undefined {
    return this.#resourceNames.get(reference);
  }

  hasResource(name: string): boolean {
    const entity = this.entities.get(name);
    return entity?.kind === "type" && entity.type.kind === "resource";
  }

  add(text: string, name: ExternName, item: { readonly entity: Entity; readonly offset: number }): void {
    const key = uniquenessKey(text, name);
    const previous = this.#unique.get(key) ?? (this.entities.has(text) ? text : undefined);
    if (previous !== undefined) {
      invalid(`${this.#direction} name \`${text}\` conflicts with previous name \`${previous}\``, item.offset);
    }
    this.#unique.set(key, text);
    this.entities.set(text, item.entity);
  }
}

export type ScopeKind = "component" | "component-type" | "instance-type";

export class Scope {
  readonly kind: ScopeKind;
  readonly parent: Scope | undefined;
  readonly depth: number;
  /** Only a component has one; types define nothing at run time. */
  readonly definition: DefinitionBuilder | undefined;
  readonly types: AnyType[] = [];
  readonly coreTypes: CoreTypeEntry[] = [];
  readonly functions: Item<FunctionType>[] = [];
  readonly instances: Item<InstanceType>[] = [];
  readonly components: Item<ComponentType>[] = [];
  readonly coreModules: Item<CoreModule>[] = [];
  readonly coreInstances: ReadonlyMap<string, CoreExtern>[] = [];
  readonly core: { readonly [kind in CoreKind]: CoreExtern[] } = {
    function: [],
    table: [],
    memory: [],
    global: [],
    tag: [],
  };
  readonly imports: NamedItems = new NamedItems("import");
  readonly exports: NamedItems = new NamedItems("export");
  readonly visible: VisibleTypes;
  readonly importedResources: BoundResource[] = [];
  /** Resources that come into being in this scope; true for those defined by `(resource …)` here. */
  readonly definedResources = new Map<number, boolean>();

  constructor(
    kind: ScopeKind,
    parent: Scope | undefined,
    context: { readonly types: TypeContext; readonly definition?: DefinitionBuilder },
  ) {
    this.kind = kind;
    this.parent = parent;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
    this.definition = context.definition;
    this.visible = new VisibleTypes(context.types);
  }

  /** The scope `count` levels out. */
  outer(count: number, offset: number): Scope {
    let scope: Scope | undefined = count > this.depth ? undefined : this;
    for (let level = 0; level < count; level++) scope = scope?.parent;
    return scope ?? invalid(`invalid outer alias count of ${count}`, offset);
  }
}

/** The item of an index space, or an error that names the space. */
export function lookup<T>(space: readonly T[], index: number, at: { what: string; offset: number }): T {
  const item = space[index];
  return item === undefined ? invalid(`unknown ${at.what} ${index}: index out of bounds`, at.offset) : item;
}
