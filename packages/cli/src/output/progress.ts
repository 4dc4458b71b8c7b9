/** How far an upload or the work on many workers is: a bar on a terminal, nothing where nobody watches. */
import { paintError } from "./style.ts";

const barWidth = 30;
const intervalMs = 50;

export class Progress implements Disposable {
  readonly #label: string;
  readonly #unit: (count: number) => string;
  #shownMs = Number.NEGATIVE_INFINITY;
  #shown = false;

  /** `unit` writes a count. */
  constructor(label: string, unit: (count: number) => string = String) {
    this.#label = label;
    this.#unit = unit;
  }

  update(done: number, total: number): void {
    if (!process.stderr.isTTY) return;
    const now = performance.now();
    if (now - this.#shownMs < intervalMs && done < total) return;
    this.#shownMs = now;
    this.#shown = true;
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const filled = Math.round(share * barWidth);
    const bar = `${"█".repeat(filled)}${"░".repeat(barWidth - filled)}`;
    const count = `${this.#unit(done)} of ${this.#unit(total)}`;
    process.stderr.write(
      `\r\u001b[K${this.#label} ${paintError("cyan", bar)} ${String(Math.floor(share * 100)).padStart(3)} %  ${count}`,
    );
  }

  [Symbol.dispose](): void {
    if (this.#shown) process.stderr.write("\n");
  }
}
