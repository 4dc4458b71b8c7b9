/** What clients are told of a component (spec/service.md §2.3), made once at upload. */
import type { ComponentDescription, DecodedComponent, FunctionType, ModuleSummary } from "@emet/component";
import { typeToJson } from "@emet/contract";
import type { ComponentMetadata, FunctionJson } from "@emet/contract";
import type { ClientInstance, ComponentImage, ExportedFunctionInfo } from "./component-image.ts";

const pageBytes = 65_536;

/** All functions that can be invoked: the exports, and the destructors of exported resources. */
export function exportedFunctions(description: ComponentDescription): readonly ExportedFunctionInfo[] {
  return description.exports.flatMap(({ instance, functions, resources }) => [
    ...functions.map(({ name, type }) => ({ interface: instance, name, type })),
    ...resources.map(({ name, variable }) => ({
      interface: instance,
      name: `[resource-drop]${name}`,
      type: { parameters: [{ name: "self", type: { kind: "own" as const, resource: variable } }] },
    })),
  ]);
}

function functionJson(name: string, type: FunctionType): FunctionJson {
  return {
    name,
    parameters: type.parameters.map((parameter) => ({ name: parameter.name, typ: typeToJson(parameter.type) })),
    results: type.result === undefined ? [] : [{ name: null, typ: typeToJson(type.result) }],
  };
}

export function componentMetadataOf({ metadata }: { readonly metadata: string }): ComponentMetadata {
  return JSON.parse(metadata) as ComponentMetadata;
}

export function componentMetadata(
  decoded: DecodedComponent,
  functions: readonly ExportedFunctionInfo[],
  summaries: readonly ModuleSummary[],
): ComponentMetadata {
  const root = functions.filter((item) => item.interface === undefined);
  const instances = Map.groupBy(
    functions.filter((item) => item.interface !== undefined),
    (item) => item.interface ?? "",
  );
  return {
    exports: [
      ...root.map((item) => ({ type: "Function" as const, ...functionJson(item.name, item.type) })),
      ...[...instances].map(([name, items]) => ({
        type: "Instance" as const,
        name,
        functions: items.map((item) => functionJson(item.name, item.type)),
      })),
    ],
    producers:
      decoded.producers.length === 0
        ? []
        : [{ fields: decoded.producers.map(({ name, values }) => ({ name, values: [...values] })) }],
    memories: summaries.flatMap((summary) =>
      summary.memories.map((memory) => ({
        initial: memory.initialPages * pageBytes,
        maximum: memory.declaredMaximumPages === undefined ? null : memory.declaredMaximumPages * pageBytes,
      })),
    ),
  };
}

/** The imported instances that the metadata names as clients of other components. */
export function clientInstances(
  { imports }: ComponentDescription,
  linking: ComponentMetadata["dynamicLinking"] = {},
): ComponentImage["clients"] {
  const clients = imports.flatMap((imported): [string, ClientInstance][] => {
    const targets = linking[imported.instance ?? ""]?.targets;
    return imported.instance === undefined || targets === undefined ? [] : [[imported.instance, { imported, targets }]];
  });
  return Object.fromEntries(clients);
}

/** Bytes of linear memory that a fresh instance has. */
export function initialMemorySize(summaries: readonly ModuleSummary[]): number {
  const pages = summaries.flatMap((summary) => summary.memories.map((memory) => memory.initialPages));
  return pages.reduce((sum, count) => sum + count, 0) * pageBytes;
}
