import { Pollable } from "../wasi-io/pollable.ts";
import type { Change } from "./change.ts";

/** Becomes ready by a change. */
export class ChangePollable extends Pollable {
  readonly #change: Change;
  readonly #ready: () => boolean;

  constructor(change: Change, ready: () => boolean) {
    super();
    this.#change = change;
    this.#ready = ready;
  }

  override ready(): boolean {
    return this.#ready();
  }

  /** The change may have come since the last look. */
  override wait(signal: AbortSignal): Promise<void> {
    return this.#ready() ? Promise.resolve() : this.#change.wait(signal);
  }
}
