/** What an error of SQLite means for the writers waiting and for the process. */
import { StoreError } from "../platform/store-error.ts";

const primary = {
  busy: 5,
  ioError: 10,
  corrupt: 11,
  full: 13,
  tooBig: 18,
  constraint: 19,
  mismatch: 20,
  notDatabase: 26,
} as const;

/** Failures of one read or write that leave the file as SQLite believes it to be (extended codes of IOERR). */
const harmlessIoErrors: ReadonlySet<number> = new Set([
  10 | (1 << 8), // read
  10 | (2 << 8), // short read
  10 | (3 << 8), // write
]);

function extendedCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode : undefined;
}

/** Another process, or another storage in this one, holds the database. */
export function isBusy(error: unknown): boolean {
  return ((extendedCode(error) ?? 0) & 0xff) === primary.busy;
}

/** A statement refused its values: it had no effect, and its transaction can go on. */
export function isRefusedValue(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return true;
  const code = (extendedCode(error) ?? 0) & 0xff;
  return code === primary.tooBig || code === primary.constraint || code === primary.mismatch;
}

export function toStoreError(error: unknown, action: string): StoreError {
  if (error instanceof StoreError) return error;
  const full = ((extendedCode(error) ?? 0) & 0xff) === primary.full;
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError(full ? "full" : "failed", `cannot ${action}: ${reason}`, { cause: error });
}

/**
 * Whether the storage must not go on. After a failed sync the kernel may have dropped pages that it reports as clean
 * from then on, so a later sync would succeed without them; a damaged file could be damaged further.
 */
export function isFatal(error: unknown): boolean {
  const code = extendedCode(error);
  if (code === undefined) return false;
  switch (code & 0xff) {
    case primary.ioError:
      return !harmlessIoErrors.has(code);
    case primary.corrupt:
    case primary.notDatabase:
      return true;
    default:
      return false;
  }
}
