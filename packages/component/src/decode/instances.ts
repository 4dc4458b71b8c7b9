/** Reads core instances and component instances. */
import { coreMismatch } from "./core/externs.ts";
import type { CoreExtern } from "./core/externs.ts";
import { readCoreSort, readSort } from "./aliases.ts";
import type { AnySort } from "./aliases.ts";
import { checkAnnotation, readExternName } from "./externs.ts";
import type { Reading } from "./externs.ts";
import type { Argument, CoreSort, SortIndex } from "./model.ts";
import { invalid, malformed } from "./reader.ts";
import { lookup, NamedItems } from "./scope.ts";
import type { Item, Scope } from "./scope.ts";
import { SubtypeCheck } from "./subtype.ts";
import { measure } from "./types.ts";
import type { ComponentType, Entity, InstanceType } from "./types.ts";

function readCoreArguments({
  reader,
  scope,
}: Reading): Map<string, { instance: number; exports: ReadonlyMap<string, CoreExtern> }> {
  const found = new Map<string, { instance: number; exports: ReadonlyMap<string, CoreExtern> }>();
  reader.list("instantiation argument", () => {
    const offset = reader.position;
    const name = reader.name();
    if (reader.byte() !== 0x12) malformed("invalid core instantiation argument", offset);
    const instance = reader.u32();
    const exports = lookup(scope.coreInstances, instance, { what: "core instance", offset });
    if (found.has(name)) invalid(`duplicate module instantiation argument named \`${name}\``, offset);
    found.set(name, { instance, exports });
  });
  return found;
}

function instantiateModule(reading: Reading, offset: number): void {
  const { reader, scope, decoding } = reading;
  const module = lookup(scope.coreModules, reader.u32(), { what: "module", offset });
  const given = readCoreArguments(reading);
  decoding.work.spend(module.type.imports.length, offset);
  for (const { module: from, name, type } of module.type.imports) {
    const argument = given.get(from);
    if (argument === undefined) return invalid(`missing module instantiation argument named \`${from}\``, offset);
    const item = argument.exports.get(name);
    if (item === undefined) {
      return invalid(`module instantiation argument \`${from}\` does not export an item named \`${name}\``, offset);
    }
    const mismatch = coreMismatch(item, type, decoding.coreTypes);
    if (mismatch !== undefined) {
      invalid(`type mismatch for export \`${name}\` of module instantiation argument \`${from}\`: ${mismatch}`, offset);
    }
  }
  scope.coreInstances.push(module.type.exports);
  scope.definition?.initializers.push({
    kind: "core-instantiate",
    module: module.runtime,
    arguments: [...given].map(([name, { instance }]) => ({ name, instance })),
  });
}

function coreInstanceFromExports({ reader, scope }: Reading): void {
  const items = new Map<string, CoreExtern>();
  const exports: { name: string; sort: CoreSort; index: number }[] = [];
  reader.list("core export", () => {
    const offset = reader.position;
    const name = reader.name();
    const sort = readCoreSort(reader);
    const index = reader.u32();
    if (sort.kind !== "core") return invalid("a core instance can't export modules, instances or types", offset);
    const item = lookup(scope.core[sort.core], index, { what: `core ${sort.core}`, offset });
    if (items.has(name)) invalid(`export name \`${name}\` already defined`, offset);
    items.set(name, item);
    exports.push({ name, sort: sort.core, index });
  });
  scope.coreInstances.push(items);
  scope.definition?.initializers.push({ kind: "core-instance-exports", exports });
}

/** Reads one core instance. */
export function readCoreInstance(reading: Reading): void {
  const offset = reading.reader.position;
  const form = reading.reader.byte();
  if (form === 0x00) instantiateModule(reading, offset);
  else if (form === 0x01) coreInstanceFromExports(reading);
  else malformed("invalid core instance", offset);
}

function located<T>(items: readonly Item<T>[], index: number, at: { what: string; offset: number }): Item<T> {
  return lookup(items, index, at);
}

/** The entity and the runtime index that a sort and an index of `scope` refer to. */
export function resolve(
  scope: Scope,
  sort: AnySort,
  at: { readonly index: number; readonly offset: number },
): { readonly entity: Entity; readonly item: SortIndex } {
  const { index, offset } = at;
  const found = <K extends "function" | "instance" | "component" | "core-module", T>(
    kind: K,
    items: readonly Item<T>[],
  ) => {
    const { type, runtime } = located(items, index, { what: kind === "core-module" ? "module" : kind, offset });
    return { entity: { kind, type }, item: { sort: kind, index: runtime } };
  };
  switch (sort.kind) {
    case "function":
      return found("function", scope.functions);
    case "instance":
      return found("instance", scope.instances);
    case "component":
      return found("component", scope.components);
    case "core-module":
      return found("core-module", scope.coreModules);
    case "type": {
      const type = lookup(scope.types, index, { what: "type", offset });
      return {
        entity: { kind: "type", type, referenced: type },
        item: { sort: "type", index: scope.definition?.typeIndex(type) ?? -1 },
      };
    }
    default:
      return invalid("core items other than modules can't be used here", offset);
  }
}

function readArguments({ reader, scope }: Reading): { entities: Map<string, Entity>; items: Argument[] } {
  const entities = new Map<string, Entity>();
  const items: Argument[] = [];
  reader.list("instantiation argument", () => {
    const offset = reader.position;
    const name = reader.name();
    const sort = readSort(reader);
    const { entity, item } = resolve(scope, sort, { index: reader.u32(), offset });
    if (entities.has(name)) {
      invalid(`instantiation argument \`${name}\` conflicts with previous argument \`${name}\``, offset);
    }
    entities.set(name, entity);
    items.push({ name, item });
  });
  return { entities, items };
}

function instanceOf(
  reading: Reading,
  component: ComponentType,
  given: { readonly entities: ReadonlyMap<string, Entity>; readonly runtime: number; readonly offset: number },
): InstanceType {
  const { scope, decoding } = reading;
  const { offset } = given;
  const check = new SubtypeCheck(decoding, decoding.coreTypes, offset);
  const substitution = check.open(given.entities, component.imports, component.importedResources);
  if (typeof substitution === "string") return invalid(`type mismatch for import ${substitution}`, offset);
  for (const { resource, path } of component.definedResources) {
    const identity = decoding.resources.identity(decoding.resources.fresh());
    substitution.replaceResource(resource, identity);
    scope.definedResources.set(identity, false);
    scope.definition?.declare(identity, { kind: "instance", instance: given.runtime, path }, path.at(-1));
  }
  const exports = substitution.entities(component.exports);
  return { exports, fresh: [], measure: measure([exports], decoding.facts, offset) };
}

function instantiateComponent(reading: Reading, offset: number): void {
  const { reader, scope } = reading;
  const component = lookup(scope.components, reader.u32(), { what: "component", offset });
  const { entities, items } = readArguments(reading);
  const { definition } = scope;
  if (definition === undefined) return invalid("instances exist only in components", offset);
  const runtime = definition.define("instance", {
    kind: "instantiate",
    component: component.runtime,
    arguments: items,
  });
  scope.instances.push({ type: instanceOf(reading, component.type, { entities, runtime, offset }), runtime });
}

function instanceFromExports(reading: Reading, offset: number): void {
  const { reader, scope, decoding } = reading;
  const names = new NamedItems("export");
  const exports: Argument[] = [];
  reader.list("inline export", () => {
    const named = readExternName(reader);
    const sort = readSort(reader);
    const { entity, item } = resolve(scope, sort, { index: reader.u32(), offset: named.offset });
    checkAnnotation(named, entity, names);
    names.add(named.text, named.name, { entity, offset: named.offset });
    exports.push({ name: named.text, item });
    if (entity.kind === "type" && entity.type.kind === "resource") {
      scope.definition?.nameResource(entity.type.reference, named.text);
    }
  });
  const { entities } = names;
  const type: InstanceType = { exports: entities, fresh: [], measure: measure([entities], decoding.facts, offset) };
  const runtime = scope.definition?.define("instance", { kind: "instance-exports", exports }) ?? -1;
  scope.instances.push({ type, runtime });
}

/** Reads one component instance. */
export function readInstance(reading: Reading): void {
  const offset = reading.reader.position;
  const form = reading.reader.byte();
  if (form === 0x00) instantiateComponent(reading, offset);
  else if (form === 0x01) instanceFromExports(reading, offset);
  else malformed("invalid instance", offset);
}
