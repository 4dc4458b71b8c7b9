/**
 * The WebAssembly JavaScript API as far as it is used here, with JSPI. Declared by hand, because TypeScript has it only
 * together with the types of browsers, which this package does not want.
 */

/** A compiled core module. */
export type CoreModule = object & { readonly brand?: "WebAssembly.Module" };

export interface CoreMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

export interface CoreGlobal {
  value: unknown;
}

export interface CoreTable {
  readonly length: number;
  get(index: number): unknown;
  set(index: number, value: unknown): void;
}

export type CoreExports = { readonly [name: string]: unknown };

export interface CoreInstance {
  readonly exports: CoreExports;
}

/** A description of a module's export. */
export interface ModuleExport {
  readonly name: string;
  readonly kind: "function" | "table" | "memory" | "global" | "tag";
}

type AnyFunction = (...parameters: never[]) => unknown;

interface Api {
  readonly Module: {
    new (bytes: Uint8Array): CoreModule;
    exports(module: CoreModule): readonly ModuleExport[];
  };
  readonly Instance: new (module: CoreModule, imports?: { readonly [module: string]: CoreExports }) => CoreInstance;
  readonly Memory: new (descriptor: { readonly initial: number; readonly maximum?: number }) => CoreMemory;
  readonly Global: new (
    descriptor: { readonly value: string; readonly mutable?: boolean },
    value?: unknown,
  ) => CoreGlobal;
  readonly Table: new (descriptor: { readonly element: string; readonly initial: number }) => CoreTable;
  readonly RuntimeError: new (message?: string) => Error;
  readonly Exception?: new (...parameters: never[]) => object;
  /** JSPI; absent in hosts that don't have it. */
  readonly Suspending?: new (call: AnyFunction) => object;
  readonly promising?: (call: AnyFunction) => (...parameters: unknown[]) => Promise<unknown>;
  compile(bytes: Uint8Array): Promise<CoreModule>;
}

/** The host's WebAssembly API. */
export const WebAssembly: Api = (globalThis as unknown as { readonly WebAssembly: Api }).WebAssembly;
