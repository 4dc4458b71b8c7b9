/**
 * A decoded component: what the binary says, with every type resolved, as plain structured-cloneable data. `link/`
 * executes it. The initializers of a definition run in order; each one that defines something appends to the index
 * space named beside it, and later initializers refer to it by that index.
 */
import type { FunctionType, ValueType } from "../types/value-type.ts";

/** Where a core module's bytes lie in the component's binary. */
export interface CoreModuleRange {
  readonly start: number;
  readonly end: number;
}

/** The result of decoding: all definitions and core modules of a binary in flat lists. */
export interface DecodedComponent {
  /** Definition 0 is the outermost component. */
  readonly definitions: readonly ComponentDefinition[];
  readonly coreModules: readonly CoreModuleRange[];
  /** Contents of the `producers` custom sections: field name, then [name, version] pairs. */
  readonly producers: readonly ProducersField[];
}

export interface ProducersField {
  readonly name: string;
  readonly values: readonly { readonly name: string; readonly version: string }[];
}

/**
 * A resource type as seen inside one definition. `own` and `borrow` types of that definition refer to it by position.
 * - `defined`: `(type (resource …))` of this definition; a fresh runtime type for each instantiation.
 * - `imported`: a type import, or a type exported by an imported instance; `path` leads to it, outermost name first.
 * - `instance`: a type exported by a component instance of this definition; `path` leads through nested instances.
 * - `parameter`: a resource bound by an abstract type only (inside a component type); it has no runtime type.
 */
export type ResourceOrigin =
  | { readonly kind: "defined" }
  | { readonly kind: "imported"; readonly path: readonly string[] }
  | { readonly kind: "instance"; readonly instance: number; readonly path: readonly string[] }
  | { readonly kind: "parameter" };

/** `name` is the name by which the type was exported or imported, when there is one. */
export type ResourceVariable = ResourceOrigin & { readonly name?: string };

export interface ComponentDefinition {
  readonly resources: readonly ResourceVariable[];
  readonly initializers: readonly Initializer[];
  /** In the binary's order; names as written, with version. */
  readonly imports: readonly ComponentImport[];
  readonly exports: readonly ComponentExport[];
}

/** What an extern is: imports and exports in the type of a component or an instance. */
export type ExternType =
  | { readonly kind: "function"; readonly type: FunctionType }
  | { readonly kind: "instance"; readonly exports: readonly NamedExtern[] }
  | { readonly kind: "resource"; readonly resource: number }
  | { readonly kind: "type"; readonly type: ValueType }
  | { readonly kind: "core-module"; readonly type: CoreModuleType }
  | { readonly kind: "component"; readonly imports: readonly NamedExtern[]; readonly exports: readonly NamedExtern[] };

export interface NamedExtern {
  readonly name: string;
  readonly type: ExternType;
}

export type ComponentImport = NamedExtern;

export interface CoreModuleType {
  readonly imports: readonly { readonly module: string; readonly name: string; readonly kind: CoreSort }[];
  readonly exports: readonly { readonly name: string; readonly kind: CoreSort }[];
}

export type CoreSort = "function" | "table" | "memory" | "global" | "tag" | "module" | "instance";

/** The component-level index spaces that exist at run time. */
export type Sort = "function" | "instance" | "component" | "core-module" | "type";

/** A reference into a runtime index space. `type` refers to a resource variable, or to nothing that exists at run time (-1). */
export interface SortIndex {
  readonly sort: Sort;
  readonly index: number;
}

export interface ComponentExport {
  readonly name: string;
  readonly item: SortIndex;
  readonly type: ExternType;
}

export type StringEncoding = "utf8" | "utf16" | "latin1+utf16";

/** Canonical options; all are core indices of the definition. */
export interface CanonicalOptions {
  readonly encoding: StringEncoding;
  /** Index in the core memory space. */
  readonly memory?: number;
  /** Index in the core function space. */
  readonly realloc?: number;
  /** Index in the core function space. */
  readonly postReturn?: number;
}

/** A type parameter given at instantiation, or an item of an instance put together from exports. */
export interface Argument {
  readonly name: string;
  readonly item: SortIndex;
}

/** The comment after each case names the index space that it appends to. */
export type Initializer =
  /** The space of the import's sort: function, instance, component or core-module; a type import defines no runtime index. */
  | { readonly kind: "import"; readonly name: string; readonly sort: Sort }
  /** core-module; `module` indexes `DecodedComponent.coreModules`. */
  | { readonly kind: "core-module"; readonly module: number }
  /** core-instance; `arguments` name core instances. */
  | {
      readonly kind: "core-instantiate";
      readonly module: number;
      readonly arguments: readonly { readonly name: string; readonly instance: number }[];
    }
  /** core-instance */
  | {
      readonly kind: "core-instance-exports";
      readonly exports: readonly { readonly name: string; readonly sort: CoreSort; readonly index: number }[];
    }
  /** The core space of `sort`. */
  | { readonly kind: "core-alias"; readonly instance: number; readonly name: string; readonly sort: CoreSort }
  /** function; `type` is the lifted type. */
  | {
      readonly kind: "lift";
      readonly coreFunction: number;
      readonly type: FunctionType;
      readonly options: CanonicalOptions;
    }
  /** core function; `type` is the type of component function `function`, with resources of this definition. */
  | {
      readonly kind: "lower";
      readonly function: number;
      readonly type: FunctionType;
      readonly options: CanonicalOptions;
    }
  /** Makes a fresh runtime type for resource variable `resource`; appends to no index space. */
  | { readonly kind: "resource"; readonly resource: number; readonly destructor?: number }
  /** core function, each of the three */
  | { readonly kind: "resource-new"; readonly resource: number }
  | { readonly kind: "resource-drop"; readonly resource: number }
  | { readonly kind: "resource-rep"; readonly resource: number }
  /** component; `captures` lists what the nested definition takes from this one by outer aliases. */
  | { readonly kind: "component"; readonly definition: number; readonly captures: readonly SortIndex[] }
  /** The space of `sort`: what the nested definition captured, by position in `captures`. */
  | { readonly kind: "captured"; readonly sort: "component" | "core-module"; readonly capture: number }
  /** instance */
  | { readonly kind: "instantiate"; readonly component: number; readonly arguments: readonly Argument[] }
  /** instance */
  | { readonly kind: "instance-exports"; readonly exports: readonly Argument[] }
  /** The space of `sort`; for a type it defines no runtime index. */
  | { readonly kind: "alias"; readonly instance: number; readonly name: string; readonly sort: Sort }
  /** The space of `item.sort` again: an export defines a new index that stands for the same thing. */
  | { readonly kind: "export"; readonly name: string; readonly item: SortIndex }
  /** A core start in a component (`start` section): calls a component function; results append to the value space. */
  | { readonly kind: "unsupported"; readonly what: string; readonly offset: number };
