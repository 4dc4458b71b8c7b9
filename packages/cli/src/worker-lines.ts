/** The output of workers as lines: guests write chunks, which may end anywhere. */
import type { WorkerEvent } from "@emet/contract/client";
import { paint } from "./output/style.ts";
import type { Style } from "./output/style.ts";
import { printable } from "./output/text.ts";

/** As Golem's command prints it as JSON (spec/service.md §11.2). */
export interface OutputLine {
  readonly timestamp: string;
  /** `Stdout`, `Stderr`, a level of logging, or `Invoke` and `Invoke completed`. */
  readonly level: string;
  readonly context: string;
  readonly message: string;
}

/** A line that never ends is cut here. */
const lineLengthMax = 64 * 1024;

/** Makes lines of chunks, for each stream by itself. */
export class LineAssembler {
  readonly #streams = { stdout: new PartialLine("Stdout"), stderr: new PartialLine("Stderr") };

  push(event: WorkerEvent): readonly OutputLine[] {
    switch (event.kind) {
      case "stdout":
      case "stderr":
        return this.#streams[event.kind].push(event.timestamp, event.bytes);
      case "log": {
        const { timestamp, level, context, message } = event;
        return [...this.flush(), { timestamp, level, context, message }];
      }
      case "invocation-start":
      case "invocation-finished": {
        const level = event.kind === "invocation-start" ? "Invoke" : "Invoke completed";
        const { timestamp, idempotencyKey: context, function: message } = event;
        return [...this.flush(), { timestamp, level, context, message }];
      }
    }
  }

  /** What was written without an end of line. */
  flush(): readonly OutputLine[] {
    return [...this.#streams.stdout.flush(), ...this.#streams.stderr.flush()];
  }
}

class PartialLine {
  readonly #level: string;
  /** Characters may be cut, too. */
  readonly #decoder = new TextDecoder();
  #text = "";
  #timestamp = "";

  constructor(level: string) {
    this.#level = level;
  }

  push(timestamp: string, bytes: Uint8Array): OutputLine[] {
    if (this.#text === "") this.#timestamp = timestamp;
    const parts = (this.#text + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#text = parts.pop() ?? "";
    const lines = parts.map((message, index) => this.#line(message, index === 0 ? this.#timestamp : timestamp));
    if (parts.length > 0) this.#timestamp = timestamp;
    if (this.#text.length > lineLengthMax) lines.push(...this.flush());
    return lines;
  }

  flush(): OutputLine[] {
    if (this.#text === "") return [];
    const line = this.#line(this.#text, this.#timestamp);
    this.#text = "";
    return [line];
  }

  #line(message: string, timestamp: string): OutputLine {
    return { timestamp, level: this.#level, context: "", message: message.replace(/\r$/u, "") };
  }
}

const levelStyles: { readonly [level: string]: Style } = {
  Stderr: "yellow",
  Trace: "gray",
  Debug: "gray",
  Info: "green",
  Warn: "yellow",
  Error: "red",
  Critical: "magenta",
  Invoke: "blue",
  "Invoke completed": "blue",
};

/** Standard output is shown as it is; everything else says what it is. */
export function lineText(line: OutputLine, timestamps: boolean): string {
  const { level, context, message } = line;
  const time = timestamps ? `${paint("dim", `[${line.timestamp}]`)} ` : "";
  const shown = printable(context === "" ? message : `${context}: ${message}`);
  if (level === "Stdout") return `${time}${shown}`;
  return `${time}${paint(levelStyles[level] ?? "bold", `[${level.toUpperCase()}]`)} ${shown}`;
}
