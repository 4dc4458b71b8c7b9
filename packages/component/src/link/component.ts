/** Compiled components. */
import type { CoreModule } from "../canonical/webassembly.ts";
import { WebAssembly } from "../canonical/webassembly.ts";
import type { DecodedComponent } from "../decode/model.ts";
import type { ModuleSummary } from "../rewrite/summary.ts";

/** A decoded component with its core modules as bytes, rewritten or as they were. */
export interface Prepared {
  readonly decoded: DecodedComponent;
  readonly modules: readonly { readonly bytes: Uint8Array; readonly summary: ModuleSummary }[];
}

/** A component ready to be instantiated: plain data and compiled modules, so that it can be sent to other threads. */
export interface Component {
  readonly decoded: DecodedComponent;
  readonly modules: readonly { readonly module: CoreModule; readonly summary: ModuleSummary }[];
}

/**
 * Compiles the core modules of a component, each distinct one once. Compiling is the slow part: do it once and keep or
 * send the result.
 */
export async function compile({ decoded, modules }: Prepared): Promise<Component> {
  const compiled = new Map<Uint8Array, Promise<CoreModule>>();
  const all = modules.map(async ({ bytes, summary }) => {
    const module = compiled.get(bytes) ?? WebAssembly.compile(bytes);
    compiled.set(bytes, module);
    return { module: await module, summary };
  });
  return { decoded, modules: await Promise.all(all) };
}

const noSummary: ModuleSummary = { memories: [], globals: [], tables: [], hasStart: false, countsStack: false };

/**
 * A component with its core modules as they are in the binary: no fuel checks, no access to the state for snapshots.
 */
export function withoutRewriting(decoded: DecodedComponent, bytes: Uint8Array): Prepared {
  const modules = decoded.coreModules.map(({ start, end }) => ({
    bytes: bytes.subarray(start, end),
    summary: noSummary,
  }));
  return { decoded, modules };
}
