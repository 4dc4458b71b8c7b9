/** What a worker's guest prints and logs: events for watchers, and the standard error text that goes with a failure. */
import type { DurableExecution } from "../durability/durable-execution.ts";
import type { LogLevel } from "../host/interface.ts";
import type { Clock } from "../platform/clock.ts";
import type { EventStream } from "./events.ts";

export class Output {
  readonly #events: EventStream;
  readonly #clock: Clock;
  readonly #stderrBytesMax: number;
  #stderr = "";

  constructor(events: EventStream, clock: Clock, stderrBytesMax: number) {
    this.#events = events;
    this.#clock = clock;
    this.#stderrBytesMax = stderrBytesMax;
  }

  /** A line of `wasi:logging`, or a chunk of standard output or error. */
  write(
    durable: DurableExecution,
    line: { level: LogLevel; context: string; message: string; bytes: Uint8Array },
  ): void {
    const { level, context, message, bytes } = line;
    // Also while replaying: the failure of the code that runs on from there quotes what it printed before.
    if (level === "stderr") this.#stderr = (this.#stderr + message).slice(-this.#stderrBytesMax);
    if (!durable.log({ level, context, message })) return;
    this.#events.emit({ kind: "output", timestampMs: this.#clock.now(), level, context, message, bytes });
  }

  startInvocation(functionName: string, idempotencyKey: string): void {
    this.#stderr = "";
    this.#events.emit({ kind: "invocation-start", timestampMs: this.#clock.now(), functionName, idempotencyKey });
  }

  finishInvocation(functionName: string, idempotencyKey: string): void {
    this.#events.emit({ kind: "invocation-finished", timestampMs: this.#clock.now(), functionName, idempotencyKey });
  }

  /** What the invocation that runs wrote to standard error. */
  stderrText(): string {
    return this.#stderr;
  }

  reset(): void {
    this.#stderr = "";
  }
}
