/** What went wrong, closed so that callers can switch over it. */
export type ComponentErrorCode =
  /** The binary is malformed, truncated or beyond a limit; `offset` says where. */
  | "malformed"
  /** The binary is well formed but breaks a validation rule; `offset` says where. */
  | "invalid"
  /** The binary uses a feature outside WASI 0.2; the message begins with "not supported: ". */
  | "unsupported"
  /** An import is missing or does not fit when linking. */
  | "link"
  /** A value given by the host does not have the function's type. */
  | "type"
  /** The guest trapped, or broke a rule of the canonical ABI. */
  | "trap";

/** Every error that this package throws, except those of host functions, which pass through unchanged. */
export class ComponentError extends Error {
  override readonly name = "ComponentError";
  readonly code: ComponentErrorCode;
  /** Byte offset in the component's binary, for the codes that have one. */
  readonly offset: number | undefined;

  constructor(
    code: ComponentErrorCode,
    message: string,
    options?: { readonly offset?: number; readonly cause?: unknown },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.offset = options?.offset;
  }
}
