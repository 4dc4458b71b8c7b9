/** Instantiates rewritten modules from text, for tests. */
import { parse } from "@bytecodealliance/jco";
import { WebAssembly } from "../canonical/webassembly.ts";
import type { CoreExports, CoreGlobal, CoreModule, CoreTable } from "../canonical/webassembly.ts";
import { hookModule } from "./hook-module.ts";
import { reservedExports } from "./names.ts";
import { rewriteModule } from "./rewrite.ts";
import type { RewriteOptions } from "./rewrite.ts";
import type { ModuleSummary } from "./summary.ts";

export type Callable = (...parameters: unknown[]) => unknown;

export interface TestInstance {
  readonly exports: CoreExports;
  readonly summary: ModuleSummary;
  readonly bytes: Uint8Array;
  readonly fuel: CoreGlobal;
  readonly stack: CoreGlobal;
  readonly call: (name: string, ...parameters: unknown[]) => unknown;
}

export interface TestHooks {
  readonly tick?: (fuel: CoreGlobal) => number;
  readonly wait?: (fuel: CoreGlobal) => unknown;
}

/** Without hooks a guest gets a new slice of 1,000 units whenever it has used one up. */
const defaultHooks: Required<TestHooks> = {
  tick: (fuel) => {
    fuel.value = 1000;
    return 0;
  },
  wait: () => 0,
};

export interface TestOptions extends RewriteOptions {
  readonly hooks?: TestHooks;
  readonly imports?: { readonly [module: string]: CoreExports };
}

/** Compiles, as the types of the engine want it. */
export function compileCore(bytes: Uint8Array): CoreModule {
  return new WebAssembly.Module(bytes);
}

/** Instantiates a module that was rewritten, and sets its hooks. */
export function instantiateRewritten(bytes: Uint8Array, options: TestOptions): CoreExports {
  const { exports } = new WebAssembly.Instance(compileCore(bytes), options.imports ?? {});
  const fuel = exports[reservedExports.fuel] as CoreGlobal;
  const { tick, wait } = { ...defaultHooks, ...options.hooks };
  const { Suspending = Object } = WebAssembly;
  const imports = { "": { tick: () => tick(fuel), wait: new Suspending((): unknown => wait(fuel)) } };
  const hooks = new WebAssembly.Instance(compileCore(hookModule), imports).exports;
  const table = exports[reservedExports.hooks] as CoreTable;
  table.set(0, hooks["tick"]);
  table.set(1, hooks["wait"]);
  return exports;
}

/** Rewrites and instantiates module text. */
export async function rewritten(text: string, options: TestOptions = {}): Promise<TestInstance> {
  const { bytes, summary } = rewriteModule(await parse(text), options);
  const exports = instantiateRewritten(bytes, options);
  return {
    exports,
    summary,
    bytes,
    fuel: exports[reservedExports.fuel] as CoreGlobal,
    stack: exports[reservedExports.stack] as CoreGlobal,
    call: (name, ...parameters) => (exports[name] as Callable)(...parameters),
  };
}

/** The exports of module text as it is. */
export async function original(
  text: string,
  imports: { readonly [module: string]: CoreExports } = {},
): Promise<CoreExports> {
  return new WebAssembly.Instance(compileCore(await parse(text)), imports).exports;
}
