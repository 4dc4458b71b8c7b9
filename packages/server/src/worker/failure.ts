/** What an error that ended a run means for the worker (spec/host-interfaces.md §24.1). */
import { TrapError } from "@emet/component";

export interface Failure {
  readonly message: string;
  readonly retriable: boolean;
  readonly outOfMemory: boolean;
}

export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  // The guest would use up its stack again each time: the same computation, the same limit.
  const overflow = error instanceof TrapError && error.trap === "stack-overflow";
  return { message, retriable: !overflow, outOfMemory: false };
}
