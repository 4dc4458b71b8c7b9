/** Reads imports and exports: of components, and as declarations in component and instance types. */
import { parseExternName } from "./extern-names.ts";
import type { ExternName } from "./extern-names.ts";
import { explicitPaths } from "./free-resources.ts";
import { invalid, malformed, unsupported } from "./reader.ts";
import type { Reader } from "./reader.ts";
import { lookup } from "./scope.ts";
import type { Decoding, NamedItems, Scope } from "./scope.ts";
import { Substitution } from "./substitute.ts";
import { renamed } from "./types.ts";
import type { AnyType, Entity, InstanceType } from "./types.ts";
import type { ValueType } from "../types/value-type.ts";

export interface Reading {
  readonly reader: Reader;
  readonly scope: Scope;
  readonly decoding: Decoding;
}

export interface NameAt {
  readonly text: string;
  readonly name: ExternName;
  readonly offset: number;
}

/** Reads a name with its attributes, which don't take part in type checking. */
export function readExternName(reader: Reader): NameAt {
  const offset = reader.position;
  const form = reader.byte();
  if (form > 2) malformed("invalid leading byte for a name", offset);
  const text = reader.name();
  let partialVersion = false;
  if (form === 2) {
    reader.list("name attribute", () => {
      const at = reader.position;
      const attribute = reader.byte();
      if (attribute > 2) malformed("invalid name attribute", at);
      if (attribute === 0) unsupported("`implements` attributes of names", at);
      if (attribute === 1) partialVersion = true;
      return reader.name();
    });
  }
  return { text, name: parseExternName(text, offset, partialVersion), offset };
}

function readTypeBound({ reader, scope, decoding }: Reading): Entity {
  const offset = reader.position;
  const form = reader.byte();
  if (form === 0) {
    const at = reader.position;
    const referenced = lookup(scope.types, reader.u32(), { what: "type", offset: at });
    return { kind: "type", type: renamed(referenced, decoding, at), referenced };
  }
  if (form !== 1) malformed("invalid type bound", offset);
  const fresh: AnyType = { kind: "resource", reference: decoding.resources.fresh() };
  return { kind: "type", type: fresh, referenced: fresh };
}

function typeOfKind<K extends AnyType["kind"]>(reading: Reading, kind: K): AnyType & { readonly kind: K } {
  const { reader, scope } = reading;
  const offset = reader.position;
  const index = reader.u32();
  const type = lookup(scope.types, index, { what: "type", offset });
  if (type.kind !== kind) return invalid(`type index ${index} is not a ${kind} type`, offset);
  return type as AnyType & { readonly kind: K };
}

/** Reads the type of an import or export. */
export function readExternType(reading: Reading): Entity {
  const { reader, scope } = reading;
  const offset = reader.position;
  switch (reader.byte()) {
    case 0x00: {
      if (reader.byte() !== 0x11) malformed("invalid extern type", offset);
      const at = reader.position;
      const type = lookup(scope.coreTypes, reader.u32(), { what: "core type", offset: at });
      if (type.kind !== "module") return invalid("core type is not a module type", at);
      return { kind: "core-module", type: type.module };
    }
    case 0x01:
      return typeOfKind(reading, "function");
    case 0x02:
      return unsupported("values", offset);
    case 0x03:
      return readTypeBound(reading);
    case 0x04:
      return typeOfKind(reading, "component");
    case 0x05:
      return typeOfKind(reading, "instance");
    default:
      return malformed("invalid extern type", offset);
  }
}

/** The resource in `own`, or in the ok type of a result: what a constructor may return. */
function constructed(type: ValueType | undefined): number | undefined {
  if (type?.kind === "result") return type.ok?.kind === "own" ? type.ok.resource : undefined;
  return type?.kind === "own" ? type.resource : undefined;
}

/** Names such as `[method]r.m` must stand for functions of the matching type, beside a resource of that name. */
export function checkAnnotation({ text, name, offset }: NameAt, entity: Entity, items: NamedItems): void {
  if (name.kind === "label" || name.kind === "interface") return;
  const fail = (why: string): never => invalid(`name \`${text}\` is not valid: ${why}`, offset);
  if (entity.kind !== "function") return fail("item is not a func");
  let resource: number | undefined;
  if (name.kind === "static") {
    return items.hasResource(name.resource) ? undefined : fail("static resource name is not known in this context");
  }
  if (name.kind === "constructor") {
    if (entity.type.result === undefined) fail("function should return one value");
    resource = constructed(entity.type.result);
    if (resource === undefined) fail("function should return `(own $T)` or `(result (own $T))`");
  } else {
    const [self] = entity.type.parameters;
    if (self === undefined) return fail("function should have at least one argument");
    if (self.name !== "self") fail("function should have a first argument called `self`");
    if (self.type.kind === "borrow") resource = self.type.resource;
    else fail("function should take a first argument of `(borrow $T)`");
  }
  const found = resource === undefined ? undefined : items.resourceName(resource);
  if (found === undefined) fail("resource used in function does not have a name in this context");
  if (found !== name.resource) fail(`function does not match expected resource name \`${found ?? ""}\``);
}

/** An instance of `type` as it is imported or declared: its resources are fresh, and belong to `scope`. */
function freshInstance(
  { scope, decoding }: Omit<Reading, "reader">,
  type: InstanceType,
  as: { readonly name: string; readonly direction: "import" | "export"; readonly offset: number },
): InstanceType {
  if (type.fresh.length === 0) return type;
  decoding.work.spend(type.fresh.length, as.offset);
  const substitution = new Substitution(decoding, as.offset);
  const created = new Set<number>();
  for (const resource of type.fresh) {
    const identity = decoding.resources.identity(decoding.resources.fresh());
    substitution.replaceResource(resource, identity);
    created.add(identity);
  }
  const exports = substitution.entities(type.exports);
  if (as.direction === "export") {
    for (const identity of created) scope.definedResources.set(identity, false);
  } else {
    for (const { resource, path } of explicitPaths(exports, created, { context: decoding, offset: as.offset })) {
      declareImported(scope, resource, [as.name, ...path]);
    }
  }
  return { exports, fresh: [], measure: type.measure };
}

function declareImported(scope: Scope, resource: number, path: readonly string[]): void {
  scope.importedResources.push({ resource, path });
  scope.definition?.declare(resource, { kind: "imported", path }, path.at(-1));
}

/** Prepares an imported or exported entity for its scope: fresh resources get an owner. */
function owned(
  reading: Omit<Reading, "reader">,
  entity: Entity,
  as: NameAt & { direction: "import" | "export" },
): Entity {
  const { scope, decoding } = reading;
  if (entity.kind === "instance") {
    const type = freshInstance(reading, entity.type, { name: as.text, direction: as.direction, offset: as.offset });
    return { kind: "instance", type };
  }
  if (entity.kind === "type" && entity.type.kind === "resource" && entity.type === entity.referenced) {
    const identity = decoding.resources.identity(entity.type.reference);
    if (as.direction === "import") declareImported(scope, identity, [as.text]);
    else scope.definedResources.set(identity, false);
  }
  return entity;
}

/**
 * Checks a new import or export and enters it in its scope's names. Returns the entity that the scope now has. The
 * caller appends it to an index space.
 */
export function addNamed(
  reading: Omit<Reading, "reader">,
  named: NameAt,
  given: Entity,
  direction: "import" | "export",
): Entity {
  const { scope } = reading;
  const items = direction === "import" ? scope.imports : scope.exports;
  const entity = owned(reading, given, { ...named, direction });
  if (entity.kind === "type" && entity.type.kind === "resource") {
    items.nameResource(entity.type.reference, named.text);
  }
  if (scope.kind !== "instance-type" && !scope.visible.admit(entity, direction, named.offset)) {
    const what = entity.kind === "function" ? "func" : entity.kind;
    invalid(`${what} not valid to be used as ${direction}: it uses a type that has no name outside`, named.offset);
  }
  checkAnnotation(named, entity, items);
  items.add(named.text, named.name, { entity, offset: named.offset });
  return entity;
}

/** Appends an entity to the index space of its sort. */
export function append(scope: Scope, entity: Entity, runtime: number): void {
  switch (entity.kind) {
    case "core-module":
      scope.coreModules.push({ type: entity.type, runtime });
      return;
    case "function":
      scope.functions.push({ type: entity.type, runtime });
      return;
    case "instance":
      scope.instances.push({ type: entity.type, runtime });
      return;
    case "component":
      scope.components.push({ type: entity.type, runtime });
      return;
    case "type":
      scope.types.push(entity.type);
  }
}

/** Reads one import of a component or component type. */
export function readImport(reading: Reading): void {
  const { reader, scope } = reading;
  const named = readExternName(reader);
  const entity = addNamed(reading, named, readExternType(reading), "import");
  const { definition } = scope;
  let runtime = -1;
  if (definition !== undefined) {
    const initializer = { kind: "import", name: named.text, sort: entity.kind } as const;
    if (entity.kind === "type") definition.initializers.push(initializer);
    else runtime = definition.define(entity.kind, initializer);
    const type = definition.extern(entity);
    if (type !== undefined) definition.imports.push({ name: named.text, type });
  }
  append(scope, entity, runtime);
}

/** Reads an export declaration in a component or instance type. */
export function readExportDeclaration(reading: Reading): void {
  const named = readExternName(reading.reader);
  append(reading.scope, addNamed(reading, named, readExternType(reading), "export"), -1);
}
