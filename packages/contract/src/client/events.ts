/** What a worker does and says, as `connect` tells it (spec/service.md §7). */

export type LogLevel = "Trace" | "Debug" | "Info" | "Warn" | "Error" | "Critical";

/** `bytes` of standard output are chunks as the guest wrote them, not lines. */
export type WorkerEvent =
  | { readonly kind: "stdout" | "stderr"; readonly timestamp: string; readonly bytes: Uint8Array }
  | {
      readonly kind: "log";
      readonly timestamp: string;
      readonly level: LogLevel;
      readonly context: string;
      readonly message: string;
    }
  | {
      readonly kind: "invocation-start" | "invocation-finished";
      readonly timestamp: string;
      readonly function: string;
      readonly idempotencyKey: string;
    };

interface OutputFrame {
  readonly timestamp: string;
  readonly bytes: readonly number[];
}

interface InvocationFrame {
  readonly timestamp: string;
  readonly function: string;
  readonly idempotency_key: string;
}

type Frame =
  | "Close"
  | { readonly StdOut: OutputFrame }
  | { readonly StdErr: OutputFrame }
  | { readonly Log: Omit<Extract<WorkerEvent, { readonly kind: "log" }>, "kind"> }
  | { readonly InvocationStart: InvocationFrame }
  | { readonly InvocationFinished: InvocationFrame };

/** The event of a frame; "close" for the last. Frames of kinds that came later are passed over. */
export function parseEvent(text: string): WorkerEvent | "close" | undefined {
  const frame = JSON.parse(text) as Frame;
  if (frame === "Close") return "close";
  if ("StdOut" in frame) return output("stdout", frame.StdOut);
  if ("StdErr" in frame) return output("stderr", frame.StdErr);
  if ("Log" in frame) return { kind: "log", ...frame.Log };
  if ("InvocationStart" in frame) return invocation("invocation-start", frame.InvocationStart);
  if ("InvocationFinished" in frame) return invocation("invocation-finished", frame.InvocationFinished);
  return undefined;
}

function output(kind: "stdout" | "stderr", { timestamp, bytes }: OutputFrame): WorkerEvent {
  return { kind, timestamp, bytes: Uint8Array.from(bytes) };
}

function invocation(kind: "invocation-start" | "invocation-finished", frame: InvocationFrame): WorkerEvent {
  return { kind, timestamp: frame.timestamp, function: frame.function, idempotencyKey: frame.idempotency_key };
}
