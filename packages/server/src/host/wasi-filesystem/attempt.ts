import type { ErrorCode } from "../generated/wasi-filesystem/types.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import { FileError } from "./file-error.ts";

/** Runs a file operation; a `FileError` becomes the error code that the guest gets. */
export function attempt<T>(operation: () => T): Result<T, ErrorCode> {
  try {
    return ok(operation());
  } catch (error) {
    if (error instanceof FileError) return err(error.code);
    throw error;
  }
}
