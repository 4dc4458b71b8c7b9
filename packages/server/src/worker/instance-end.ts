/** Whether an instance has ended, and why. The signal is made for those that wait: most instances never have any. */
export class InstanceEnd {
  #reason: { readonly error: unknown } | undefined;
  #controller: AbortController | undefined;

  get ended(): boolean {
    return this.#reason !== undefined;
  }

  /** Aborted with the reason when the instance ends. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason.error);
    }
    return this.#controller.signal;
  }

  /** Only the first reason counts. */
  end(reason: unknown): void {
    if (this.#reason !== undefined) return;
    this.#reason = { error: reason };
    this.#controller?.abort(reason);
  }

  throwIfEnded(): void {
    if (this.#reason !== undefined) throw this.#reason.error;
  }
}
