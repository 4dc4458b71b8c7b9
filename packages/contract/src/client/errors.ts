/** What can go wrong with a call of the server. */
import type { GolemErrorData } from "../rest/golem-error.ts";

/** Which kind of failure it is, whatever the words are. */
export type EmetErrorCode =
  /** No answer came; whether the server did what was asked is unknown unless the call was repeatable. */
  | "unreachable"
  /** 400: the request is wrong. */
  | "bad-request"
  /** 401 or 403, by something in front of the server. */
  | "forbidden"
  /** 404. */
  | "not-found"
  /** 409: it exists already, or is in use. */
  | "conflict"
  /** 413. */
  | "too-large"
  /** 500 with a `golemError`: the worker failed, or refused. */
  | "worker-error"
  /** Any other failure of the server. */
  | "server-error"
  /** The answer isn't what the API says. */
  | "unexpected-answer";

export interface EmetErrorOptions extends ErrorOptions {
  readonly status?: number | undefined;
  readonly golemError?: GolemErrorData | undefined;
  readonly messages?: readonly string[] | undefined;
}

/** Every failure of a call. */
export class EmetError extends Error {
  override readonly name = "EmetError";
  readonly code: EmetErrorCode;
  /** The HTTP status; undefined if there was no answer. */
  readonly status: number | undefined;
  /** What a worker's failure was. */
  readonly golemError: GolemErrorData | undefined;
  /** The server's own words. */
  readonly messages: readonly string[];

  constructor(code: EmetErrorCode, message: string, options: EmetErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.status = options.status;
    this.golemError = options.golemError;
    this.messages = options.messages ?? [];
  }
}

const codes: { readonly [status: number]: EmetErrorCode } = {
  400: "bad-request",
  401: "forbidden",
  403: "forbidden",
  404: "not-found",
  409: "conflict",
  413: "too-large",
};

interface ErrorBody {
  readonly errors?: readonly string[];
  readonly error?: string;
  readonly golemError?: GolemErrorData;
}

/** The error that an answer other than 200 stands for. */
export function errorOfAnswer(status: number, body: unknown): EmetError {
  const { errors, error, golemError } = (typeof body === "object" && body !== null ? body : {}) as ErrorBody;
  if (golemError !== undefined) {
    const message = describeGolemError(golemError);
    return new EmetError("worker-error", message, { status, golemError, messages: [message] });
  }
  const messages = errors ?? (error === undefined ? [] : [error]);
  const message = messages.length === 0 ? `the server answered ${status}` : messages.join("; ");
  return new EmetError(codes[status] ?? (status >= 500 ? "server-error" : "unexpected-answer"), message, {
    status,
    messages,
  });
}

/** The display form of a worker's error (spec/service.md §6.3). */
export function describeGolemError(error: GolemErrorData): string {
  switch (error.type) {
    case "InvalidRequest":
      return `Invalid request: ${error.details}`;
    case "WorkerAlreadyExists":
      return `Worker already exists: ${error.workerId.componentId}/${error.workerId.workerName}`;
    case "WorkerNotFound":
      return `Worker not found: ${error.workerId.componentId}/${error.workerId.workerName}`;
    case "RuntimeError":
      return `Runtime error: ${error.details}`;
    case "PreviousInvocationFailed":
      return `Previous invocation failed: ${error.details}`;
    case "PreviousInvocationExited":
      return "Previous invocation exited";
    case "Interrupted":
      return "Interrupted via the Golem API";
    case "UnexpectedOplogEntry":
      return `Unexpected oplog entry: expected ${error.expected}, got ${error.got}`;
    case "Unknown":
      return `Unknown error: ${error.details}`;
    default: {
      const { type, ...fields } = error;
      return `${type}: ${"details" in fields ? fields.details : JSON.stringify(fields)}`;
    }
  }
}
