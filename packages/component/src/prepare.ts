/** Decodes a component and rewrites its core modules: done once, at upload; the result is what is stored and compiled. */
import { decode } from "./decode/decode.ts";
import { ComponentError } from "./errors.ts";
import type { Prepared } from "./link/component.ts";
import { rewriteModule } from "./rewrite/rewrite.ts";
import type { RewriteOptions, RewrittenModule } from "./rewrite/rewrite.ts";

function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** Rewrites the module from `start` to `end`; errors give the offset in the component. */
function rewriteAt(
  bytes: Uint8Array,
  range: { readonly start: number; readonly end: number },
  options: RewriteOptions,
): RewrittenModule {
  try {
    return rewriteModule(bytes.subarray(range.start, range.end), options);
  } catch (cause) {
    if (!(cause instanceof ComponentError) || cause.offset === undefined) throw cause;
    throw new ComponentError(cause.code, cause.message, { offset: range.start + cause.offset, cause });
  }
}

/**
 * Throws `ComponentError` for binaries that are malformed, invalid or use what is not supported. Core modules that
 * are equal, as the adapters of composed components often are, give one and the same object.
 */
export function prepareComponent(bytes: Uint8Array, options: RewriteOptions = {}): Prepared {
  const decoded = decode(bytes);
  const done: { readonly original: Uint8Array; readonly rewritten: RewrittenModule }[] = [];
  const modules = decoded.coreModules.map((range) => {
    const original = bytes.subarray(range.start, range.end);
    const known = done.find((each) => equalBytes(each.original, original));
    if (known !== undefined) return known.rewritten;
    const rewritten = rewriteAt(bytes, range, options);
    done.push({ original, rewritten });
    return rewritten;
  });
  return { decoded, modules };
}
