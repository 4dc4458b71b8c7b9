/** Why an upload was refused. */
export class UploadError extends Error {
  override readonly name = "UploadError";
  readonly code: "invalid" | "conflict" | "not-found";

  constructor(code: UploadError["code"], message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
