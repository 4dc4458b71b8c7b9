/** Turns what the host gives into the items that the outermost definition imports. */
import type { ComponentImport, ExternType, NamedExtern } from "../decode/model.ts";
import { ComponentError } from "../errors.ts";
import type { HostInstance } from "../host.ts";
import type { InstanceValue, Item } from "./items.ts";
import type { Linker } from "./linker.ts";

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

function hostInstance(
  linker: Linker,
  { name, exports }: { readonly name: string; readonly exports: readonly NamedExtern[] },
): InstanceValue {
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
      return { sort: "function", value: { kind: "host", host: found } };
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

function own<Value>(values: { readonly [name: string]: Value } | undefined, name: string): Value | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}

function refuse(type: ExternType, name: string): never {
  throw new ComponentError("link", `can't link import ${JSON.stringify(name)}: a host gives no ${type.kind}`);
}
