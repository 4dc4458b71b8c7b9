/**
 * Lines that were logged after the last record of a worker that was lost: the code that logged them runs again, and they
 * aren't shown and written a second time.
 */
import type { LogFields } from "./replay-cursor.ts";

export class RepeatedLogs {
  /** How often each line is still to come. */
  #expected: Map<string, number> | undefined;

  expect(line: LogFields): void {
    const key = keyOf(line);
    this.#expected ??= new Map();
    this.#expected.set(key, (this.#expected.get(key) ?? 0) + 1);
  }

  /** Whether the line was logged before. */
  take(line: LogFields): boolean {
    const count = this.#expected?.get(keyOf(line));
    if (count === undefined) return false;
    if (count === 1) this.#expected?.delete(keyOf(line));
    else this.#expected?.set(keyOf(line), count - 1);
    return true;
  }

  /** The run has come further than any before: no line from here on was logged already. */
  clear(): void {
    this.#expected = undefined;
  }
}

function keyOf({ level, context, message }: LogFields): string {
  return `${level}\0${context}\0${message}`;
}
