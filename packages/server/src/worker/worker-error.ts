/** Why a request to a worker was refused or failed, in a form that crosses threads and that `api` turns into a response. */
import type { GolemErrorData } from "@emet/contract";

/**
 * `bad-request`: the request itself is wrong (400). `not-found`: what it names doesn't exist (404). `denied`: it can't be
 * carried out for the one who asks, another worker (403). `golem`: an outcome of the worker, such as a trap (500 with a
 * `golemError`).
 */
export type WorkerErrorData =
  | { readonly kind: "bad-request"; readonly messages: readonly string[] }
  | { readonly kind: "not-found"; readonly message: string }
  | { readonly kind: "denied"; readonly message: string }
  | { readonly kind: "golem"; readonly error: GolemErrorData };

export class WorkerError extends Error {
  override readonly name = "WorkerError";
  readonly data: WorkerErrorData;

  constructor(data: WorkerErrorData) {
    super(describe(data));
    this.data = data;
  }
}

function describe(data: WorkerErrorData): string {
  switch (data.kind) {
    case "bad-request":
      return data.messages.join("; ");
    case "not-found":
    case "denied":
      return data.message;
    case "golem":
      return "details" in data.error ? `${data.error.type}: ${data.error.details}` : data.error.type;
  }
}

export function badRequest(...messages: readonly string[]): WorkerError {
  return new WorkerError({ kind: "bad-request", messages });
}

/** An operation that the worker, as it is, can't be asked for (spec/service.md §8.8, §8.9). */
export function invalidRequest(details: string): WorkerError {
  return golemError({ type: "InvalidRequest", details });
}

export function golemError(error: GolemErrorData): WorkerError {
  return new WorkerError({ kind: "golem", error });
}

/** Any error in the form that crosses threads. */
export function toErrorData(error: unknown): WorkerErrorData {
  if (error instanceof WorkerError) return error.data;
  const details = error instanceof Error ? error.message : String(error);
  return { kind: "golem", error: { type: "Unknown", details } };
}
