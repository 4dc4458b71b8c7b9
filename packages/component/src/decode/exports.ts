/** Reads the exports of a component. */
import type { DefinitionBuilder } from "./definition.ts";
import { addNamed, append, readExternName, readExternType } from "./externs.ts";
import type { Reading } from "./externs.ts";
import { readSort } from "./aliases.ts";
import { resolve } from "./instances.ts";
import { invalid, malformed } from "./reader.ts";
import { SubtypeCheck } from "./subtype.ts";
import { renamed } from "./types.ts";
import type { Entity } from "./types.ts";

/** Reads the type that an export is given, if any; it must be one that the exported thing has. */
function ascribed(reading: Reading, actual: Entity, offset: number): Entity {
  const { reader, decoding } = reading;
  const form = reader.byte();
  if (form > 1) malformed("invalid leading byte for an optional type", offset);
  if (form === 0) {
    if (actual.kind !== "type") return actual;
    return { kind: "type", type: renamed(actual.type, decoding, offset), referenced: actual.type };
  }
  const wanted = readExternType(reading);
  const mismatch = new SubtypeCheck(decoding, decoding.coreTypes, offset).entity(actual, wanted);
  if (mismatch !== undefined) {
    invalid(`ascribed type of export is not compatible with item's type: ${mismatch}`, offset);
  }
  return wanted;
}

/** Exporting a resource, itself or within an instance, gives its variable a name. */
function nameResources(definition: DefinitionBuilder, name: string, entity: Entity): void {
  if (entity.kind === "type" && entity.type.kind === "resource") {
    definition.nameResource(entity.type.reference, name);
  } else if (entity.kind === "instance") {
    for (const [inner, each] of entity.type.exports) nameResources(definition, inner, each);
  }
}

/** Reads one export and appends it to the index space of its sort. */
export function readExport(reading: Reading): void {
  const { reader, scope } = reading;
  const named = readExternName(reader);
  const sort = readSort(reader);
  const { entity: actual, item } = resolve(scope, sort, { index: reader.u32(), offset: named.offset });
  const entity = addNamed(reading, named, ascribed(reading, actual, named.offset), "export");
  const { definition } = scope;
  if (definition === undefined) return;
  nameResources(definition, named.text, entity);
  const initializer = { kind: "export", name: named.text, item } as const;
  let runtime = -1;
  if (entity.kind === "type") definition.initializers.push(initializer);
  else runtime = definition.define(entity.kind, initializer);
  const type = definition.extern(entity);
  if (type !== undefined) definition.exports.push({ name: named.text, item, type });
  append(scope, entity, runtime);
}
