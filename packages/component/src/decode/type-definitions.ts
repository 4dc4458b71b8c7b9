/** Reads type definitions, among them component and instance types with their declarations. */
import { readAlias } from "./aliases.ts";
import { readModuleType } from "./core/module.ts";
import { readRecursionGroup } from "./core/types.ts";
import { readExportDeclaration, readImport } from "./externs.ts";
import type { Reading } from "./externs.ts";
import { explicitPaths, ResourceCollector } from "./free-resources.ts";
import { limits } from "./limits.ts";
import { invalid, malformed, unsupported } from "./reader.ts";
import { lookup, Scope } from "./scope.ts";
import type { Decoding, ScopeKind } from "./scope.ts";
import { measure } from "./types.ts";
import type { AnyType, ComponentType, InstanceType } from "./types.ts";
import { readDefinedType, readFunctionType } from "./value-types.ts";

/** Reads one core type: a group of defined types, or a module type. */
export function readCoreType({ reader, scope, decoding }: Reading): void {
  if (reader.peek() === 0x50) {
    reader.byte();
    const module = readModuleType(reader, decoding.coreTypes, (count, index, offset) => {
      const entry = lookup(scope.outer(count, offset).coreTypes, index, { what: "core type", offset });
      return entry.kind === "type"
        ? entry.identity
        : unsupported("aliases of core module types in module types", offset);
    });
    scope.coreTypes.push({ kind: "module", module });
    return;
  }
  if (reader.peek() === 0x00) reader.byte();
  // Module types take part in the index space, but no core type can refer to one.
  const space = scope.coreTypes.map((entry) => (entry.kind === "type" ? entry.identity : -1));
  const before = space.length;
  decoding.work.spend(before, reader.position);
  readRecursionGroup(reader, decoding.coreTypes, space);
  for (const identity of space.slice(before)) scope.coreTypes.push({ kind: "type", identity });
}

function readDeclaration(reading: Reading): void {
  const { reader, scope } = reading;
  const offset = reader.position;
  switch (reader.byte()) {
    case 0x00:
      return readCoreType(reading);
    case 0x01:
      return readType(reading);
    case 0x02:
      return readAlias(reading);
    case 0x03:
      if (scope.kind !== "component-type") malformed("an instance type can't have imports", offset);
      return readImport(reading);
    case 0x04:
      return readExportDeclaration(reading);
    default:
      malformed("invalid declaration in a type", offset);
  }
}

function readDeclarations({ reader, scope, decoding }: Reading, kind: ScopeKind): Scope {
  const inner = new Scope(kind, scope, { types: decoding });
  if (inner.depth > limits.nestingDepth) invalid("nesting is too deep", reader.position);
  reader.list("declaration", () => readDeclaration({ reader, scope: inner, decoding }));
  return inner;
}

function instanceType(scope: Scope, decoding: Decoding, offset: number): InstanceType {
  const exports = scope.exports.entities;
  return {
    exports,
    fresh: [...scope.definedResources.keys()],
    measure: measure([exports], decoding.facts, offset),
  };
}

/** The type of a component whose scope is complete. */
export function componentType(scope: Scope, decoding: Decoding, offset: number): ComponentType {
  const imports = scope.imports.entities;
  const exports = scope.exports.entities;
  const size = measure([imports, exports], decoding.facts, offset);
  const inImports = new ResourceCollector(decoding, offset);
  inImports.entities(imports);
  for (const resource of scope.definedResources.keys()) {
    if (inImports.found.has(resource)) invalid("local resource type found in imports", offset);
  }
  const inExports = new ResourceCollector(decoding, offset);
  inExports.entities(exports);
  const wanted = new Set([...scope.definedResources.keys()].filter((resource) => inExports.found.has(resource)));
  const definedResources = explicitPaths(exports, wanted, { context: decoding, offset });
  if (definedResources.length < wanted.size) {
    invalid("local resource type found in export but not exported itself", offset);
  }
  return { imports, exports, importedResources: scope.importedResources, definedResources, measure: size };
}

function defineResource({ reader, scope, decoding }: Reading, offset: number): AnyType {
  const { definition } = scope;
  if (definition === undefined) {
    return invalid("resources can only be defined within a concrete component", offset);
  }
  if (reader.byte() !== 0x7f) invalid("resources can only be represented by `i32`", offset);
  const hasDestructor = reader.byte();
  if (hasDestructor > 1) malformed("invalid leading byte for a destructor", offset);
  const reference = decoding.resources.fresh();
  const identity = decoding.resources.identity(reference);
  scope.definedResources.set(identity, true);
  const resource = definition.declare(identity, { kind: "defined" });
  if (hasDestructor === 0) {
    definition.initializers.push({ kind: "resource", resource });
  } else {
    const at = reader.position;
    const destructor = reader.u32();
    const item = lookup(scope.core.function, destructor, { what: "core function", offset: at });
    if (item.kind !== "function" || item.type !== decoding.coreTypes.function(["i32"], [])) {
      invalid("a destructor must have the core type [i32] -> []", at);
    }
    definition.initializers.push({ kind: "resource", resource, destructor });
  }
  return { kind: "resource", reference };
}

/** Reads one type definition and appends it to the scope's types. */
export function readType(reading: Reading): void {
  const { reader, scope, decoding } = reading;
  const offset = reader.position;
  const code = reader.byte();
  scope.types.push(readTypeWithCode(code));

  function readTypeWithCode(opcode: number): AnyType {
    switch (opcode) {
      case 0x40:
        return { kind: "function", type: readFunctionType(reading, offset) };
      case 0x41:
        return {
          kind: "component",
          type: componentType(readDeclarations(reading, "component-type"), decoding, offset),
        };
      case 0x42:
        return { kind: "instance", type: instanceType(readDeclarations(reading, "instance-type"), decoding, offset) };
      case 0x3f:
        return defineResource(reading, offset);
      case 0x43:
        return unsupported("async functions", offset);
      case 0x3e:
        return unsupported("resources with async destructors", offset);
      default: {
        const type = readDefinedType(reading, opcode, offset);
        return type === undefined
          ? malformed(`invalid type 0x${opcode.toString(16)}`, offset)
          : { kind: "value", type };
      }
    }
  }
}
