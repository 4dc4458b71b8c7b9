/** Where results go: as text for people, or as JSON or YAML for programs. Everything else goes to standard error. */
import { formatJson } from "@emet/contract/client";
import { paintError } from "./style.ts";

export type Format = "text" | "json" | "yaml";

export class Output {
  readonly format: Format;

  constructor(format: Format) {
    this.format = format;
  }

  /** The one result of a command. `text` is asked for only where text is wanted; an empty text prints nothing. */
  async result(data: unknown, text: () => string): Promise<void> {
    if (this.format === "text") return await this.line(text());
    if (this.format === "json") return await this.line(formatJson(data, 2));
    await this.line((await yamlOf(data)).trimEnd());
  }

  /** A result of many items, printed as they come. */
  async items<T>(
    items: AsyncIterable<T>,
    form: { data: (item: T) => unknown; text: (item: T) => string },
  ): Promise<void> {
    let count = 0;
    for await (const item of items) {
      if (this.format === "text") await this.line(form.text(item));
      else if (this.format === "yaml") await this.line((await yamlOf([form.data(item)])).trimEnd());
      else await write(`${count === 0 ? "[" : ","}\n  ${formatJson(form.data(item))}`);
      count += 1;
    }
    if (this.format === "json") await this.line(count === 0 ? "[]" : "\n]");
    if (this.format === "yaml" && count === 0) await this.line("[]");
  }

  /** An item of a stream without an end: one JSON or YAML document for each. */
  async event(data: unknown, text: () => string): Promise<void> {
    if (this.format === "text") await this.line(text());
    else if (this.format === "json") await this.line(formatJson(data));
    else await this.line(`---\n${(await yamlOf(data)).trimEnd()}`);
  }

  async line(text: string): Promise<void> {
    if (text !== "") await write(`${text}\n`);
  }

  async bytes(content: Uint8Array): Promise<void> {
    await write(content);
  }

  /** What isn't the result: that something was done, a hint, a warning. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  warn(text: string): void {
    this.note(paintError("yellow", `warning: ${text}`));
  }
}

/** Waits for a slow reader rather than keeping everything in memory. */
async function write(chunk: string | Uint8Array): Promise<void> {
  if (process.stdout.write(chunk)) return;
  await new Promise<void>((resolve) => {
    process.stdout.once("drain", resolve);
  });
}

async function yamlOf(data: unknown): Promise<string> {
  const { stringify } = await import("yaml");
  // Through JSON, so that what has no place in it is left out in both.
  return stringify(withoutUndefined(data), { lineWidth: 0 });
}

function withoutUndefined(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(withoutUndefined);
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, value]) => (value === undefined ? [] : [[name, withoutUndefined(value)]])),
  );
}
