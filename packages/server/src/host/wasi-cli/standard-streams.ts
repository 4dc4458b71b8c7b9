import type { WasiCliStderr } from "../generated/wasi-cli/stderr.ts";
import type { WasiCliStdin } from "../generated/wasi-cli/stdin.ts";
import type { WasiCliStdout } from "../generated/wasi-cli/stdout.ts";
import type { HostContext, HostInterface } from "../interface.ts";
import { sync } from "../interface.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { Pollable } from "../wasi-io/pollable.ts";
import { EmptyInputStream, OutputStream } from "../wasi-io/streams.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What is written is recorded: beyond this, writes that may wait do so until the store has caught up. */
const backlogBytesMax = 4 * 1024 * 1024;

const savedRecordedPollable = savedKind<undefined>(
  "recorded-pollable",
  (_data, { context }) => new RecordedPollable(context),
);

class RecordedPollable extends Pollable {
  readonly #context: HostContext;

  constructor(context: HostContext) {
    super();
    this.#context = context;
  }

  override ready(): boolean {
    return this.#context.durable.backlogBytes <= backlogBytesMax;
  }

  override wait(): Promise<void> {
    return this.#context.durable.commit();
  }

  override save(): SavedObject {
    return savedRecordedPollable(undefined);
  }
}

const savedLoggedStream = savedKind<"stdout" | "stderr">(
  "logged-output-stream",
  (level, { context }) => new LoggedOutputStream(context, level),
);

/** Each write is one event and one `log` entry, as it was written: no lines are made of it (spec/host-interfaces.md §15.3). */
class LoggedOutputStream extends OutputStream {
  readonly #context: HostContext;
  readonly #level: "stdout" | "stderr";

  constructor(context: HostContext, level: "stdout" | "stderr") {
    super();
    this.#context = context;
    this.#level = level;
  }

  override write(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#context.output(this.#level, "", decoder.decode(bytes), bytes);
  }

  override pollable(): Pollable {
    return new RecordedPollable(this.#context);
  }

  override save(): SavedObject {
    return savedLoggedStream(this.#level);
  }
}

/** wasi:cli/stdin: a worker's standard input is at its end from the start. */
const stdin: HostInterface<WasiCliStdin> = {
  name: "wasi:cli/stdin@0.2.0",
  durable: {},
  bind: ({ resources }) => ({
    functions: { "get-stdin": sync(() => resources.add(new EmptyInputStream())) },
    resources: {},
  }),
};

const stdout: HostInterface<WasiCliStdout> = {
  name: "wasi:cli/stdout@0.2.0",
  durable: {},
  bind: (context) => ({
    functions: { "get-stdout": sync(() => context.resources.add(new LoggedOutputStream(context, "stdout"))) },
    resources: {},
  }),
};

const stderr: HostInterface<WasiCliStderr> = {
  name: "wasi:cli/stderr@0.2.0",
  durable: {},
  bind: (context) => ({
    functions: { "get-stderr": sync(() => context.resources.add(new LoggedOutputStream(context, "stderr"))) },
    resources: {},
  }),
};

/** wasi:cli/stdin, stdout, stderr. */
export const standardStreams: readonly HostInterface[] = [stdin, stdout, stderr];
