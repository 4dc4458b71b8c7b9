/** Decodes and validates the binary format of components, as of WASI 0.2. */
import { readAlias } from "./aliases.ts";
import { readCanonical } from "./canonical.ts";
import { readCoreModule } from "./core/module.ts";
import { CoreTypes } from "./core/types.ts";
import { DefinitionBuilder } from "./definition.ts";
import { readExport } from "./exports.ts";
import { readImport } from "./externs.ts";
import type { Reading } from "./externs.ts";
import { readCoreInstance, readInstance } from "./instances.ts";
import { limits } from "./limits.ts";
import type { DecodedComponent, ProducersField } from "./model.ts";
import { invalid, malformed, Reader, unsupported } from "./reader.ts";
import { Scope } from "./scope.ts";
import type { Decoding } from "./scope.ts";
import { componentType, readCoreType, readType } from "./type-definitions.ts";
import { Resources, TypeFacts, Work } from "./types.ts";

function readPreamble(reader: Reader): void {
  const start = reader.position;
  for (const expected of [0x00, 0x61, 0x73, 0x6d]) {
    if (reader.byte() !== expected) malformed("not a WebAssembly binary: wrong magic number", start);
  }
  const version = reader.byte() + reader.byte() * 256;
  const layer = reader.byte() + reader.byte() * 256;
  if (layer === 0 && version === 1) invalid("a core module was given where a component is expected", start);
  if (layer !== 1) malformed("unknown binary layer", start + 6);
  if (version !== 0x0d) unsupported(`component version 0x${version.toString(16)}`, start + 4);
}

/** Custom sections are only hints: one that is broken is as good as absent. */
function readCustom(reader: Reader, decoding: Decoding): void {
  if (reader.name() !== "producers") return;
  const fields: ProducersField[] = [];
  try {
    reader.list("producers field", () => {
      const name = reader.name();
      const values = reader.list("producers value", () => ({ name: reader.name(), version: reader.name() }));
      fields.push({ name, values });
    });
  } catch {
    return;
  }
  decoding.producers.push(...fields);
}

function readModule({ reader, scope, decoding }: Reading): void {
  const module = decoding.coreModules.push({ start: reader.position, end: reader.end }) - 1;
  const type = readCoreModule(reader, decoding.coreTypes);
  const runtime = scope.definition?.define("core-module", { kind: "core-module", module }) ?? -1;
  scope.coreModules.push({ type, runtime });
}

function readNestedComponent({ reader, scope, decoding }: Reading): void {
  const offset = reader.position;
  const definition = new DefinitionBuilder(decoding);
  const index = decoding.definitions.push(definition) - 1;
  const inner = new Scope("component", scope, { types: decoding, definition });
  if (inner.depth > limits.nestingDepth) invalid("nesting is too deep", offset);
  readComponent({ reader, scope: inner, decoding });
  const type = componentType(inner, decoding, offset);
  const runtime =
    scope.definition?.define("component", { kind: "component", definition: index, captures: definition.captures }) ??
    -1;
  scope.components.push({ type, runtime });
}

const itemReaders: Readonly<Record<number, (reading: Reading) => void>> = {
  2: readCoreInstance,
  3: readCoreType,
  5: readInstance,
  6: readAlias,
  7: readType,
  8: readCanonical,
  10: readImport,
  11: readExport,
};

function readSection(id: number, reading: Reading, offset: number): void {
  const { reader, decoding } = reading;
  if (id === 0) return readCustom(reader, decoding);
  if (id === 1) return readModule(reading);
  if (id === 4) return readNestedComponent(reading);
  if (id === 9) unsupported("start sections", offset);
  if (id === 12) unsupported("values", offset);
  const readItem = itemReaders[id];
  if (readItem === undefined) return malformed(`malformed section id ${id}`, offset);
  reader.list("section item", () => readItem(reading));
  reader.finish("section");
}

function readComponent({ reader, scope, decoding }: Reading): void {
  readPreamble(reader);
  while (!reader.done) {
    const offset = reader.position;
    const id = reader.byte();
    const section = reader.section(reader.u32());
    readSection(id, { reader: section, scope, decoding }, offset);
  }
}

/**
 * Decodes a component binary. Throws `ComponentError` with the byte offset when it is malformed, breaks a validation
 * rule, goes beyond a limit, or uses a feature outside WASI 0.2.
 */
export function decode(bytes: Uint8Array): DecodedComponent {
  const decoding: Decoding = {
    resources: new Resources(),
    facts: new TypeFacts(),
    work: new Work(),
    coreTypes: new CoreTypes(),
    definitions: [],
    coreModules: [],
    producers: [],
  };
  const definition = new DefinitionBuilder(decoding);
  decoding.definitions.push(definition);
  const scope = new Scope("component", undefined, { types: decoding, definition });
  readComponent({ reader: new Reader(bytes), scope, decoding });
  componentType(scope, decoding, 0);
  return {
    definitions: decoding.definitions.map((each) => each.finish()),
    coreModules: decoding.coreModules,
    producers: decoding.producers,
  };
}
