/** Why an upload was refused. */
export class UploadError extends Error {
  override readonly name = "UploadError";
  /** `transformation`: a plugin that was to change the component didn't. */
  readonly code: "invalid" | "conflict" | "not-found" | "transformation";

  constructor(code: UploadError["code"], message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
