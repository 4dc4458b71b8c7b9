import type { ErrorCode } from "../generated/wasi-filesystem/types.ts";

/** An operation on files failed; the guest sees the code. */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode) {
    super(`file operation failed: ${code}`);
    this.code = code;
  }
}
