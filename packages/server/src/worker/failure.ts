/** What an error that ended a run means for the worker (spec/host-interfaces.md §24.1). */
import { ComponentError } from "@emet/component";

export interface Failure {
  readonly message: string;
  readonly retriable: boolean;
  readonly outOfMemory: boolean;
}

export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  // The guest would use up its stack again each time: the same computation, the same limit.
  const overflow = error instanceof ComponentError && error.trap === "stack-overflow";
  const outOfMemory = error instanceof ComponentError && error.trap === "out-of-memory";
  return { message, retriable: !overflow, outOfMemory };
}
