/** The same component through the JavaScript that jco generates. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { transpile } from "@bytecodealliance/jco";

/** Exports of the benchmark component as jco makes them; under JSPI they return promises. */
export interface JcoExports {
  readonly echo: (text: string) => unknown;
  readonly describe: (item: readonly unknown[]) => unknown;
  readonly readClock: (count: number) => unknown;
}

/** Instantiates the component with a clock. */
export type JcoInstantiate = (now: () => unknown) => Promise<JcoExports>;

/** Transpiles a component and gives its instantiation. Core modules are compiled once, as they are for the opponent. */
export async function transpileGuest(bytes: Uint8Array, mode: "sync" | "jspi"): Promise<JcoInstantiate> {
  const clock = "wasi:clocks/wall-clock@0.2.0";
  const { files } = await transpile(bytes, {
    name: "guest",
    instantiation: "async",
    noNodejsCompat: true,
    wasiShim: false,
    ...(mode === "jspi" && {
      asyncMode: "jspi",
      asyncImports: [`${clock}#now`],
      asyncExports: ["echo", "describe", "read-clock"],
    }),
  } as Parameters<typeof transpile>[1]);
  const folder = await mkdtemp(join(tmpdir(), "emet-bench-"));
  try {
    const file = join(folder, "guest.mjs");
    await writeFile(file, files["guest.js"] ?? "");
    const { instantiate } = (await import(pathToFileURL(file).href)) as {
      instantiate: (core: (path: string) => unknown, imports: object) => Promise<JcoExports>;
    };
    const modules = new Map<string, unknown>();
    const { Module } = (globalThis as unknown as { WebAssembly: { Module: new (code: Uint8Array) => unknown } })
      .WebAssembly;
    for (const [name, code] of Object.entries(files)) {
      if (name.endsWith(".wasm")) modules.set(name, new Module(code));
    }
    return (now) => instantiate((path) => modules.get(path), { "wasi:clocks/wall-clock": { now } });
  } finally {
    await rm(folder, { recursive: true });
  }
}
