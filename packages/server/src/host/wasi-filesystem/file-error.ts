/** wasi:filesystem's error-code, those that a private file tree can give. */
export type FileErrorCode =
  | "access"
  | "bad-descriptor"
  | "busy"
  | "exist"
  | "file-too-large"
  | "insufficient-space"
  | "invalid"
  | "is-directory"
  | "loop"
  | "name-too-long"
  | "no-entry"
  | "not-directory"
  | "not-empty"
  | "not-permitted"
  | "read-only"
  | "too-many-links";

/** An operation on files failed; the guest sees the code. */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly code: FileErrorCode;

  constructor(code: FileErrorCode) {
    super(`file operation failed: ${code}`);
    this.code = code;
  }
}
