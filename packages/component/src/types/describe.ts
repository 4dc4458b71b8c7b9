/** What a component offers and needs, in a form for servers and tools. */
import type { DecodedComponent, ExternType, NamedExtern } from "../decode/model.ts";
import type { FunctionType } from "./value-type.ts";

/** A function of a component's outside: at its root, or in an instance that it exports or imports. */
export interface DescribedFunction {
  /** The function's own name: `get`, `[method]cart.add-item`. */
  readonly name: string;
  readonly type: FunctionType;
}

/** A resource type; handles in function types refer to it by `variable`. */
export interface DescribedResource {
  readonly name: string;
  readonly variable: number;
}

/** An instance with its functions, or the functions and resources that stand outside all instances. */
export interface DescribedItem {
  /** Undefined for what stands at the root. */
  readonly instance: string | undefined;
  readonly functions: readonly DescribedFunction[];
  readonly resources: readonly DescribedResource[];
}

export interface ComponentDescription {
  readonly exports: readonly DescribedItem[];
  readonly imports: readonly DescribedItem[];
  /** Names of the resource variables that function types refer to. */
  readonly resourceNames: readonly string[];
}

function item(instance: string | undefined, externs: readonly NamedExtern[]): DescribedItem {
  const functions: DescribedFunction[] = [];
  const resources: DescribedResource[] = [];
  for (const { name, type } of externs) {
    if (type.kind === "function") functions.push({ name, type: type.type });
    else if (type.kind === "resource") resources.push({ name, variable: type.resource });
  }
  return { instance, functions, resources };
}

/** Instances in instances are listed under both names, separated by a slash. */
function instances(name: string, type: ExternType): DescribedItem[] {
  if (type.kind !== "instance") return [];
  const inner = type.exports.flatMap((each) => instances(`${name}/${each.name}`, each.type));
  return [item(name, type.exports), ...inner];
}

function describe(externs: readonly NamedExtern[]): DescribedItem[] {
  const root = item(undefined, externs);
  const listed = externs.flatMap(({ name, type }) => instances(name, type));
  return root.functions.length + root.resources.length > 0 ? [root, ...listed] : listed;
}

/** Lists what a component exports and imports. */
export function describeComponent(decoded: DecodedComponent): ComponentDescription {
  const [root] = decoded.definitions;
  if (root === undefined) return { exports: [], imports: [], resourceNames: [] };
  return {
    exports: describe(root.exports),
    imports: describe(root.imports),
    resourceNames: root.resources.map((each, index) => each.name ?? `resource${index}`),
  };
}
