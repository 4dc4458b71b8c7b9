/** Reads aliases: of an instance's exports, of a core instance's exports, and of items of enclosing scopes. */
import { coreKinds } from "./core/module.ts";
import type { CoreKind } from "./core/module.ts";
import { append } from "./externs.ts";
import type { Reading } from "./externs.ts";
import { ResourceCollector } from "./free-resources.ts";
import { invalid, malformed, unsupported } from "./reader.ts";
import type { Reader } from "./reader.ts";
import { lookup } from "./scope.ts";
import type { Item, Scope } from "./scope.ts";
import type { Sort } from "./model.ts";

/** A sort as it stands in aliases and sort indices. */
export type AnySort =
  | { readonly kind: "core"; readonly core: CoreKind }
  | { readonly kind: Sort | "core-type" | "core-instance" };

const componentSorts: Readonly<Record<number, Sort>> = {
  0x01: "function",
  0x03: "type",
  0x04: "component",
  0x05: "instance",
};

export function readCoreSort(reader: Reader): AnySort {
  const offset = reader.position;
  const code = reader.byte();
  const core = coreKinds[code];
  if (core !== undefined) return { kind: "core", core };
  if (code === 0x10) return { kind: "core-type" };
  if (code === 0x11) return { kind: "core-module" };
  if (code === 0x12) return { kind: "core-instance" };
  return malformed("invalid core sort", offset);
}

export function readSort(reader: Reader): AnySort {
  const offset = reader.position;
  const code = reader.byte();
  if (code === 0x00) return readCoreSort(reader);
  if (code === 0x02) unsupported("values", offset);
  const kind = componentSorts[code];
  return kind === undefined ? malformed("invalid sort", offset) : { kind };
}

function aliasExport({ reader, scope }: Reading, sort: AnySort, offset: number): void {
  const at = reader.position;
  const index = reader.u32();
  const instance = lookup(scope.instances, index, { what: "instance", offset: at });
  const name = reader.name();
  const entity = instance.type.exports.get(name);
  if (entity === undefined) return invalid(`instance ${index} has no export named \`${name}\``, offset);
  if (entity.kind !== sort.kind)
    return invalid(`export \`${name}\` of instance ${index} is not a ${sort.kind}`, offset);
  if (scope.kind !== "component" && entity.kind !== "instance" && entity.kind !== "type") {
    invalid("within a type, only instances and types can be aliased", offset);
  }
  const { definition } = scope;
  // A type needs no alias at run time: its variable has the path to it.
  const runtime =
    definition === undefined || entity.kind === "type"
      ? -1
      : definition.define(entity.kind, { kind: "alias", instance: instance.runtime, name, sort: entity.kind });
  append(scope, entity, runtime);
}

function aliasCoreExport({ reader, scope }: Reading, sort: AnySort, offset: number): void {
  const at = reader.position;
  const index = reader.u32();
  const { definition } = scope;
  const instance = lookup(scope.coreInstances, index, { what: "core instance", offset: at });
  const name = reader.name();
  if (sort.kind !== "core" || definition === undefined) return malformed("invalid sort of a core export alias", offset);
  const item = instance.get(name);
  if (item === undefined) return invalid(`core instance ${index} has no export named \`${name}\``, offset);
  if (item.kind !== sort.core)
    return invalid(`export \`${name}\` of core instance ${index} is not a ${sort.core}`, offset);
  scope.core[item.kind].push(item);
  definition.initializers.push({ kind: "core-alias", instance: index, name, sort: item.kind });
}

/** The components from `outer` inwards to `scope`, both included. Type scopes lie only at the inner end. */
function componentsBetween(scope: Scope, outer: Scope): Scope[] {
  const found: Scope[] = [];
  let current: Scope | undefined = scope;
  while (current !== undefined) {
    if (current.kind === "component") found.unshift(current);
    current = current === outer ? undefined : current.parent;
  }
  return found;
}

/** Brings an item of an enclosing component into `scope`; each component on the way captures it from the one around. */
function captured(scope: Scope, outer: Scope, as: { item: number; sort: "component" | "core-module" }): number {
  const [, ...inner] = componentsBetween(scope, outer);
  let index = as.item;
  for (const { definition } of inner) {
    if (definition !== undefined) index = definition.capture(as.sort, index);
  }
  return index;
}

function aliasOuterType({ scope, decoding }: Reading, at: { outer: Scope; index: number; offset: number }): void {
  const { outer, index, offset } = at;
  const type = lookup(outer.types, index, { what: "type", offset });
  if (componentsBetween(scope, outer).length > 1) {
    const collector = new ResourceCollector(decoding, offset);
    collector.anyType(type);
    if (collector.found.size > 0) {
      invalid(
        "cannot alias outer type which transitively refers to resources not defined in the current component",
        offset,
      );
    }
  }
  scope.types.push(type);
}

function aliasOuter(reading: Reading, sort: AnySort, offset: number): void {
  const { reader, scope } = reading;
  const outer = scope.outer(reader.u32(), offset);
  const index = reader.u32();
  if (scope.kind !== "component" && sort.kind !== "type" && sort.kind !== "core-type") {
    invalid("within a type, only types and core types can be aliased from outside", offset);
  }
  const bring = <T>(item: Item<T>, of: "component" | "core-module"): Item<T> => ({
    type: item.type,
    runtime: captured(scope, outer, { item: item.runtime, sort: of }),
  });
  switch (sort.kind) {
    case "type":
      return aliasOuterType(reading, { outer, index, offset });
    case "core-type":
      scope.coreTypes.push(lookup(outer.coreTypes, index, { what: "core type", offset }));
      return;
    case "component":
      scope.components.push(bring(lookup(outer.components, index, { what: "component", offset }), "component"));
      return;
    case "core-module":
      scope.coreModules.push(bring(lookup(outer.coreModules, index, { what: "module", offset }), "core-module"));
      return;
    default:
      malformed("invalid sort of an outer alias", offset);
  }
}

/** Reads one alias and appends what it brings to the scope's index spaces. */
export function readAlias(reading: Reading): void {
  const { reader, scope } = reading;
  const offset = reader.position;
  const sort = readSort(reader);
  const form = reader.byte();
  if (form === 0x00) aliasExport(reading, sort, offset);
  else if (form === 0x01) {
    if (scope.kind !== "component") invalid("within a type, core exports can't be aliased", offset);
    aliasCoreExport(reading, sort, offset);
  } else if (form === 0x02) aliasOuter(reading, sort, offset);
  else malformed("invalid alias", offset);
}
