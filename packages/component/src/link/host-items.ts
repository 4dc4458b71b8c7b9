/** Turns what the host gives into the items that the outermost definition imports. */
import type { ComponentImport, ExternType, NamedExtern } from "../decode/model.ts";
import { ComponentError } from "../errors.ts";
import type { HostFunction, HostInstance, HostShape, ImportedFunction, Imports } from "../host.ts";
import type { HostTarget, InstanceValue, Item } from "./items.ts";
import type { LateResource, Linker } from "./linker.ts";

/** The item for each import of the outermost definition. */
export function hostItems(linker: Linker, imports: readonly ComponentImport[]): ReadonlyMap<string, Item> {
  return new Map(
    imports.map(({ name, type }) => [
      name,
      type.kind === "instance"
        ? { sort: "instance", value: hostInstance(linker, { name, exports: type.exports }) }
        : hostItem(linker, { name, type }, { instance: undefined, host: linker.imports.root }),
    ]),
  );
}

interface ImportedInstance {
  readonly name: string;
  readonly exports: readonly NamedExtern[];
}

function hostInstance(linker: Linker, imported: ImportedInstance): InstanceValue {
  const { shape } = linker.imports;
  const { name, exports } = imported;
  if (shape !== undefined) return lateInstance(linker, imported, lateItems(shape, imported));
  // An instance of types only needs nothing of the host, but its resources may be the host's.
  const host = linker.imports.instance(name);
  return new Map(exports.map((extern) => [extern.name, hostItem(linker, extern, { instance: name, host })]));
}

interface Place {
  readonly instance: string | undefined;
  readonly host: HostInstance | undefined;
}

function hostItem(linker: Linker, { name, type }: NamedExtern, { instance, host }: Place): Item {
  switch (type.kind) {
    case "function": {
      const found = own(host?.functions, name) ?? linker.imports.missing({ instance, name, type: type.type });
      const value: HostTarget = { kind: "host", suspends: found.kind === "suspending", find: () => found };
      return { sort: "function", value };
    }
    case "resource": {
      const label = instance === undefined ? name : `${instance}#${name}`;
      return { sort: "type", value: linker.hostResource(label, own(host?.resources, name)) };
    }
    case "type":
      return { sort: "type", value: undefined };
    case "instance": {
      const inner = type.exports.map((extern): [string, Item] => [
        extern.name,
        hostItem(linker, extern, { instance: name, host: undefined }),
      ]);
      return { sort: "instance", value: new Map(inner) };
    }
    default:
      return refuse(type, name);
  }
}

/** What all instances of a component have in common of an import that the host makes late. */
interface LateItems {
  readonly functions: readonly (readonly [name: string, item: Item])[];
  readonly resources: readonly { readonly name: string; readonly shape: object; readonly resource: LateResource }[];
}

const lateItemsOf = new WeakMap<NonNullable<Imports["shape"]>, WeakMap<readonly NamedExtern[], LateItems>>();

function lateItems(shape: NonNullable<Imports["shape"]>, imported: ImportedInstance): LateItems {
  const known = lateItemsOf.get(shape) ?? new WeakMap<readonly NamedExtern[], LateItems>();
  lateItemsOf.set(shape, known);
  let items = known.get(imported.exports);
  if (items === undefined) {
    items = makeLateItems(imported, shape(imported.name));
    known.set(imported.exports, items);
  }
  return items;
}

function makeLateItems({ name: instance, exports }: ImportedInstance, shape: HostShape | undefined): LateItems {
  const functions: (readonly [string, Item])[] = [];
  const resources: LateItems["resources"][number][] = [];
  for (const { name, type } of exports) {
    if (type.kind === "function") {
      functions.push([name, { sort: "function", value: lateTarget({ instance, name, type: type.type }, shape) }]);
    } else if (type.kind === "resource") {
      const resourceShape = own(shape?.resources, name);
      const find: LateResource["find"] = (imports) => own(imports.instance(instance)?.resources, name);
      const resource = { waits: resourceShape?.waits ?? false, find };
      resources.push({ name, shape: resourceShape ?? {}, resource });
    }
  }
  return { functions, resources };
}

function lateTarget(
  imported: ImportedFunction & { readonly instance: string },
  shape: HostShape | undefined,
): HostTarget {
  const { instance, name } = imported;
  const kind = own(shape?.functions, name);
  const find = (imports: Imports): HostFunction =>
    (kind === undefined ? undefined : own(imports.instance(instance)?.functions, name)) ?? imports.missing(imported);
  return { kind: "host", suspends: kind === "suspending", find };
}

function lateInstance(linker: Linker, { name: instance, exports }: ImportedInstance, items: LateItems): InstanceValue {
  const all = new Map(items.functions);
  for (const { name, shape, resource } of items.resources) {
    all.set(name, { sort: "type", value: linker.lateResource(`${instance}#${name}`, shape, resource) });
  }
  for (const extern of exports) {
    if (!all.has(extern.name)) all.set(extern.name, hostItem(linker, extern, { instance, host: undefined }));
  }
  return all;
}

function own<Value>(values: { readonly [name: string]: Value } | undefined, name: string): Value | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}

function refuse(type: ExternType, name: string): never {
  throw new ComponentError("link", `can't link import ${JSON.stringify(name)}: a host gives no ${type.kind}`);
}
