/** Builds components from JavaScript and TypeScript, with the componentize-js of the project at hand. */
import { readFile, writeFile } from "node:fs/promises";
import { findPackageJSON, stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { usageError } from "../failure.ts";
import { withSdkPackagesForEngine } from "./sdk-packages.ts";

const builder = "@bytecodealliance/componentize-js";

/** A handler of requests is the export that WIT names, not a listener. */
export const disabledFeatures: readonly string[] = ["fetch-event"];

interface ComponentizeJs {
  readonly componentize: (
    source: string,
    witWorld: string,
    options: { readonly disableFeatures: readonly string[] },
  ) => Promise<{ readonly component: Uint8Array }>;
}

export interface GuestSource {
  /** One file of JavaScript, or of TypeScript whose types can be taken off. */
  readonly source: string;
  /** One world; packages of the SDK need not be there. */
  readonly wit: string;
  readonly output: string;
}

/** Returns how many bytes the component has. */
export async function buildComponent({ source, wit, output }: GuestSource): Promise<number> {
  const code = await readText(source);
  const script = /\.[cm]?ts$/u.test(source) ? withoutTypes(source, code) : code;
  const world = withSdkPackagesForEngine(await readText(wit));
  const { componentize } = await load();
  const { component } = await componentize(script, world, { disableFeatures: disabledFeatures }).catch(
    (error: unknown) => {
      // It doesn't tell where the syntax is wrong; this does. Where it finds nothing, the message stays.
      withoutTypes(source, code);
      throw error;
    },
  );
  await writeFile(output, component);
  return component.length;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw usageError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Throws with the place of what can't be read. */
function withoutTypes(file: string, code: string): string {
  try {
    return stripTypeScriptTypes(code);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // The place stands before the message: ":2", and the line.
    const [, line = "", text = ""] = /^:(\d+)\n(.*)\n/u.exec(error.stack ?? "") ?? [];
    throw usageError(`cannot read ${file}${line === "" ? "" : `:${line}`}: ${error.message}\n${text}`.trimEnd());
  }
}

/** The project's own version, so that its author decides which; else the one that is installed with the command. */
async function load(): Promise<ComponentizeJs> {
  for (const from of [join(process.cwd(), "package.json"), import.meta.filename]) {
    const manifest = installed(from);
    if (manifest === undefined) continue;
    // A path from there is taken rather than a resolution, which begins where this file is, not where the project is.
    const { exports } = JSON.parse(await readFile(manifest, "utf8")) as {
      readonly exports: { readonly import: string };
    };
    return (await import(new URL(exports.import, pathToFileURL(manifest)).href)) as ComponentizeJs;
  }
  throw usageError(`${builder} is not installed here. Run: npm install --save-dev ${builder}`);
}

function installed(from: string): string | undefined {
  try {
    return findPackageJSON(builder, pathToFileURL(from));
  } catch {
    return undefined;
  }
}
