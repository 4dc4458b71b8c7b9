/** Decodes a component and rewrites its core modules: done once, at upload; the result is what is stored and compiled. */
import { decode } from "./decode/decode.ts";
import type { Prepared } from "./link/component.ts";
import { rewriteModule } from "./rewrite/rewrite.ts";
import type { RewriteOptions } from "./rewrite/rewrite.ts";

/** Throws `ComponentError` for binaries that are malformed, invalid or use what is not supported. */
export function prepareComponent(bytes: Uint8Array, options: RewriteOptions = {}): Prepared {
  const decoded = decode(bytes);
  const modules = decoded.coreModules.map(({ start, end }) => rewriteModule(bytes.subarray(start, end), options));
  return { decoded, modules };
}
