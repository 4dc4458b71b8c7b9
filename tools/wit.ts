/** Reads `packages/sdk/wit`: which packages and interfaces there are, and the types in them. */
import { readFileSync } from "node:fs";
import { componentEmbed, componentNew } from "@bytecodealliance/jco";
import { decode } from "@emet/component";
import type { NamedExtern } from "@emet/component";
import { sdkWit, sdkWitFiles, withSdkPackages } from "../packages/cli/src/component-build/sdk-packages.ts";

export interface WitInterface {
  /** `wasi:io/poll@0.2.0` */
  readonly name: string;
  /** Where it stands below `packages/sdk/wit`, without ending: `wasi-io/poll`. */
  readonly path: string;
}

/** What the types of an interface may refer to. */
export interface InterfaceTypes extends WitInterface {
  readonly externs: readonly NamedExtern[];
  /** Names of the interfaces whose resources it uses. */
  readonly uses: readonly string[];
  /** What the handles' numbers stand for, and whether this interface defines it. */
  readonly resources: readonly { readonly name: string; readonly own: boolean }[];
}

/** Interfaces that components export; a host has nothing to give for them. */
export const exportedInterfaces: ReadonlySet<string> = new Set([
  "golem:api/load-snapshot@0.2.0",
  "golem:api/save-snapshot@0.2.0",
  "golem:api/load-snapshot@1.1.7",
  "golem:api/save-snapshot@1.1.7",
  "golem:api/oplog-processor@1.1.7",
  "wasi:cli/run@0.2.0",
  "wasi:http/incoming-handler@0.2.0",
  "wasi:keyvalue/handle-watch@0.1.0",
]);

/** Every interface, by package and name. */
export function witInterfaces(): readonly WitInterface[] {
  return sdkWitFiles().flatMap(({ path, packageName, text }) => {
    const [base, version] = packageName.split("@");
    const names = Array.from(text.matchAll(/^interface (\S+) \{/gmu), (match) => match[1]);
    return names.map((name) => ({ name: `${base}/${name}${version === undefined ? "" : `@${version}`}`, path }));
  });
}

/** The types of every interface, as a component that imports them all has them. */
export async function interfaceTypes(): Promise<readonly InterfaceTypes[]> {
  const interfaces = witInterfaces();
  const imports = interfaces.map(({ name }) => `import ${name};`).join("\n");
  const witSource = withSdkPackages(`package emet:sdk;\nworld everything {\n${imports}\n}`);
  const [component] = decode(await componentNew(await componentEmbed({ witSource, dummy: true }))).definitions;
  if (component === undefined) throw new Error("Can't read the interfaces: the component is empty");
  return interfaces.map((item) => {
    const type = component.imports.find(({ name }) => name === item.name)?.type;
    if (type?.kind !== "instance") throw new Error(`Can't read ${item.name}: it was not imported`);
    const resources = component.resources.map((resource, variable) => {
      // An interface may give a resource several names; the first is the one it was defined by.
      const named = type.exports.find((extern) => extern.type.kind === "resource" && extern.type.resource === variable);
      const own = resource.kind === "imported" && resource.path[0] === item.name;
      return { name: named?.name ?? resource.name ?? "", own };
    });
    const used = type.exports.flatMap((extern) => {
      const origin = extern.type.kind === "resource" ? component.resources[extern.type.resource] : undefined;
      return origin?.kind === "imported" ? [origin.path[0] ?? ""] : [];
    });
    const uses = [...new Set(used)].filter((name) => name !== item.name);
    return { ...item, externs: type.exports, uses, resources };
  });
}

/**
 * The version with which each function of an interface came, where its docs or those of its interface tell
 * (`Since 1.1.5.`), by canonical name.
 */
export function sinceVersions({ path }: WitInterface): (functionName: string) => string | undefined {
  const text = readFileSync(new URL(`${path}.wit`, sdkWit), "utf8");
  const versions = new Map<string, string>();
  let since: string | undefined;
  let resource: { readonly name: string; readonly since: string | undefined } | undefined;
  let whole: string | undefined;
  for (const line of text.split("\n")) {
    const [, version] = /\/\/\/ Since (\d+\.\d+\.\d+)\.$/u.exec(line) ?? [];
    const [, resourceName] = /^  resource ([a-z0-9-]+) \{/u.exec(line) ?? [];
    const [, name, isStatic] = /^ +%?([A-Za-z0-9-]+): (static )?func/u.exec(line) ?? [];
    const own = since ?? resource?.since;
    if (version !== undefined) since = version;
    else if (line.trim() !== "" && !line.includes("///")) since = undefined;
    if (line.startsWith("interface ")) whole = own;
    if (resourceName !== undefined) resource = { name: resourceName, since: own };
    if (line === "  }") resource = undefined;
    if (own === undefined) continue;
    if (name !== undefined && resource === undefined) versions.set(name, own);
    else if (name !== undefined) versions.set(`[${isStatic ? "static" : "method"}]${resource?.name}.${name}`, own);
    else if (/^ +constructor\(/u.test(line)) versions.set(`[constructor]${resource?.name}`, own);
  }
  return (functionName) => versions.get(functionName) ?? whole;
}
