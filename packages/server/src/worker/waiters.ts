/** Callers that wait for the outcome of an invocation, by idempotency key. */

export interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

export class Waiters<T> {
  /** Made for the first one: most workers have none most of the time. */
  #byKey: Map<string, Waiter<T>[]> | undefined;

  get size(): number {
    return this.#byKey?.size ?? 0;
  }

  wait(key: string): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#byKey ??= new Map();
    const waiting = this.#byKey.get(key);
    if (waiting === undefined) this.#byKey.set(key, [{ resolve, reject }]);
    else waiting.push({ resolve, reject });
    return promise;
  }

  has(key: string): boolean {
    return this.#byKey?.has(key) ?? false;
  }

  resolve(key: string, value: T): void {
    for (const waiter of this.#take(key)) waiter.resolve(value);
  }

  reject(key: string, error: Error): void {
    for (const waiter of this.#take(key)) waiter.reject(error);
  }

  rejectAll(error: Error): void {
    for (const key of this.#byKey?.keys() ?? []) this.reject(key, error);
  }

  #take(key: string): readonly Waiter<T>[] {
    const waiting = this.#byKey?.get(key) ?? [];
    if (this.#byKey?.delete(key) === true && this.#byKey.size === 0) this.#byKey = undefined;
    return waiting;
  }
}
