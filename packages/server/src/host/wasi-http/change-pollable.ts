import type { SavedObject } from "../saved-resources.ts";
import { Pollable, ReadyPollable } from "../wasi-io/pollable.ts";
import type { Change } from "./change.ts";

/** Becomes ready by a change. */
export class ChangePollable extends Pollable {
  readonly #change: Change;
  readonly #ready: () => boolean;
  readonly #over: () => boolean;

  /** Once `over` it is ready for good. */
  constructor(change: Change, ready: () => boolean, over: () => boolean = () => false) {
    super();
    this.#change = change;
    this.#ready = ready;
    this.#over = over;
  }

  override save(): SavedObject | undefined {
    return this.#over() ? new ReadyPollable().save() : undefined;
  }

  override ready(): boolean {
    return this.#ready();
  }

  /** The change may have come since the last look. */
  override wait(signal: AbortSignal): Promise<void> {
    return this.#ready() ? Promise.resolve() : this.#change.wait(signal);
  }
}
