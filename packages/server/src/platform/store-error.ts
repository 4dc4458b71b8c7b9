/** Why a store refused or failed. */
export type StoreErrorCode =
  /** A later epoch owns the shard: the caller must stop working on its behalf. */
  | "fenced"
  /** The record index isn't the next one: another writer was there. */
  | "conflict"
  /** The disk is full. Nothing was written; it may be tried again. */
  | "full"
  /** Any other failure; nothing was written as far as the store can tell. */
  | "failed";

const brand = "emet.StoreError";

export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly brand: typeof brand = brand;
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Tests the brand, not the class: errors cross threads as plain objects. */
export function isStoreError(error: unknown): error is StoreError {
  return typeof error === "object" && error !== null && "brand" in error && error.brand === brand;
}
