/**
 * Programs built for WASI preview 1: an uploaded core module becomes a component, by wit-component and the adapter of the
 * Bytecode Alliance. Both are loaded with the first such upload.
 */
import { readFile } from "node:fs/promises";
import { ComponentError, reserveMemory } from "@emet/component";
import { UploadError } from "./upload-error.ts";

/** wit-component as a component, in JavaScript: a part of jco's package. */
interface ComponentTools {
  readonly componentNew: (
    module: Uint8Array,
    adapters: readonly (readonly [name: string, adapter: Uint8Array])[],
  ) => Promise<Uint8Array>;
}

interface ModuleItem {
  readonly name: string;
  readonly kind: string;
}

/** What is used of the engine's interface, which Node's types don't have. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly compile: (module: Uint8Array) => Promise<object>;
    readonly Module: {
      readonly customSections: (module: object, name: string) => readonly ArrayBuffer[];
      readonly exports: (module: object) => readonly ModuleItem[];
      readonly imports: (module: object) => readonly (ModuleItem & { readonly module: string })[];
    };
  };
};

type AdapterKind = "command" | "reactor";

const preview1 = "wasi_snapshot_preview1";

/** Run from source, everything is where npm has put it; the build copies beside this file what it needs (tools/copy-preview1.ts). */
const fromSource = import.meta.url.endsWith(".ts");

function toolsUrl(): string {
  if (fromSource) return import.meta.resolve("@bytecodealliance/jco-transpile/wasm-tools");
  return new URL("./preview1/dist/wasm-tools.js", import.meta.url).href;
}

function adapterUrl(kind: AdapterKind): URL {
  const base = fromSource ? import.meta.resolve("@bytecodealliance/jco") : import.meta.url;
  return new URL(`${fromSource ? "../lib" : "./preview1"}/${preview1}.${kind}.wasm`, base);
}

/** `\0asm`, version 1: what is below components. */
export function isCoreModule(binary: Uint8Array): boolean {
  return [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0].every((byte, index) => binary[index] === byte);
}

/**
 * The adapter has its state in the program's memory. The C library that compilers of the LLVM family link bears that; the
 * allocators of Go and AssemblyScript don't.
 */
const sharesMemory = /clang|rustc/u;

const programPagesMax = 4096;
const adapterPages = 8;

/** Throws `ComponentError`. */
function withRoomForAdapter(module: Uint8Array, compiled: object, memoryBytesMax: number): Uint8Array {
  const producers = WebAssembly.Module.customSections(compiled, "producers");
  if (producers.some((content) => sharesMemory.test(Buffer.from(content).toString("latin1")))) return module;
  const programPages = Math.min(programPagesMax, Math.floor(memoryBytesMax / 65_536) - adapterPages);
  return reserveMemory(module, { programPages, reservedPages: adapterPages }) ?? module;
}

/**
 * The component that a core module becomes; it may have memory of up to `memoryBytesMax`. Throws `UploadError` for modules
 * that can't become one.
 */
export async function componentOf(module: Uint8Array, memoryBytesMax: number): Promise<Uint8Array> {
  const compiled = await WebAssembly.compile(module).catch((error: unknown) => {
    throw unfit("it is not valid", error);
  });
  const exports = WebAssembly.Module.exports(compiled);
  const isCommand = exports.some(({ name, kind }) => name === "_start" && kind === "function");
  const kind = isCommand ? "command" : "reactor";
  const tools = (await import(toolsUrl())) as ComponentTools;
  const adapter = await readFile(adapterUrl(kind));
  const make = async (): Promise<Uint8Array> =>
    await tools.componentNew(withRoomForAdapter(module, compiled, memoryBytesMax), [[preview1, adapter]]);
  return await make().catch((error: unknown) => {
    if (error instanceof ComponentError) throw unfit(error.message, error);
    const foreign = WebAssembly.Module.imports(compiled).find((item) => item.module !== preview1);
    const needed = foreign === undefined ? "" : `; it imports "${foreign.name}" of "${foreign.module}"`;
    throw unfit(`${reason(error)}${needed}`, error);
  });
}

/** wit-component tells causes line by line, the nearest last. */
function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .split("\n")
    .map((line) => line.trim().replace(/^\d+: /u, ""))
    .filter((line) => line !== "" && line !== "Caused by:")
    .join(": ");
}

function unfit(why: string, cause: unknown): UploadError {
  return new UploadError("invalid", `The core module can't be made a component: ${why}`, { cause });
}
