/**
 * Linear memories that the engine has not given back yet: address space and kernel mappings are free again only when
 * the garbage collector has found that nobody needs the memory any more.
 */
export class MemoryTracker {
  #alive = 0;
  readonly #registry: FinalizationRegistry<undefined>;

  /** `onFreed` is called after some were given back. */
  constructor(onFreed: () => void) {
    this.#registry = new FinalizationRegistry(() => {
      this.#alive -= 1;
      onFreed();
    });
  }

  /** In use, or not collected yet. */
  get alive(): number {
    return this.#alive;
  }

  add(memory: object): void {
    this.#alive += 1;
    this.#registry.register(memory, undefined);
  }
}
