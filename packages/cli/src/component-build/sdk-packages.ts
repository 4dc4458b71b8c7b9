/** The WIT packages of the SDK, for worlds that import them by name. */
import { readdirSync, readFileSync } from "node:fs";

/** The directory is found by one of its files, since a package's exports name files only. */
export const sdkWit = new URL("../", import.meta.resolve("@emet/sdk/wit/wasi-io/poll.wit"));

export interface WitFile {
  /** Below the SDK's `wit`, without ending: `wasi-io/poll`. */
  readonly path: string;
  /** With version: `wasi:io@0.2.0`. */
  readonly packageName: string;
  readonly text: string;
}

export function sdkWitFiles(): readonly WitFile[] {
  const names = readdirSync(sdkWit, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".wit"));
  return names.toSorted().map((name) => {
    const text = readFileSync(new URL(name.replaceAll("\\", "/"), sdkWit), "utf8");
    const packageName = /^package ([^;]+);/u.exec(text)?.[1];
    if (packageName === undefined) throw new Error(`Can't read "${name}": it does not begin with its package`);
    return { path: name.replace(/\.wit$/u, ""), packageName, text };
  });
}

/** One WIT document of a world and the packages of the SDK that it uses, directly or through others; without docs. */
export function withSdkPackages(world: string): string {
  const packages = new Map<string, string>();
  for (const { packageName, text } of sdkWitFiles()) {
    const body = text.replace(/^package [^;]+;/u, "").replaceAll(/^\s*\/\/\/.*\n/gmu, "");
    packages.set(packageName, (packages.get(packageName) ?? "") + body);
  }
  const document = [world];
  const used = new Set<string>();
  // What is appended is searched in turn.
  for (const text of document) {
    for (const [, base, version = ""] of text.matchAll(/([a-z-]+:[a-z-]+)\/[a-z-]+(@\d+\.\d+\.\d+(?:-[a-z]+)?)?/gu)) {
      const name = `${base}${version}`;
      const body = packages.get(name);
      if (body === undefined || used.has(name)) continue;
      used.add(name);
      document.push(`package ${name} {${body}}`);
    }
  }
  return document.join("\n");
}

/** What the JavaScript engine's own WASI doesn't have yet: a component can't be made of both. */
const newerThanEngine = /(?:^ *\/\/\/.*\n)*^.*\b(?:send-informational|network-error-code):.*$/gmu;

/** The same for guests that come with the JavaScript engine. */
export function withSdkPackagesForEngine(world: string): string {
  return withSdkPackages(world).replace(newerThanEngine, "");
}
