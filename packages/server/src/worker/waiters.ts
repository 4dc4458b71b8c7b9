/** Callers that wait for the outcome of an invocation, by idempotency key. */

export interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

export class Waiters<T> {
  readonly #byKey = new Map<string, Waiter<T>[]>();

  get size(): number {
    return this.#byKey.size;
  }

  wait(key: string): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const waiting = this.#byKey.get(key);
    if (waiting === undefined) this.#byKey.set(key, [{ resolve, reject }]);
    else waiting.push({ resolve, reject });
    return promise;
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  resolve(key: string, value: T): void {
    for (const waiter of this.#take(key)) waiter.resolve(value);
  }

  reject(key: string, error: Error): void {
    for (const waiter of this.#take(key)) waiter.reject(error);
  }

  rejectAll(error: Error): void {
    for (const key of this.#byKey.keys()) this.reject(key, error);
  }

  #take(key: string): readonly Waiter<T>[] {
    const waiting = this.#byKey.get(key) ?? [];
    this.#byKey.delete(key);
    return waiting;
  }
}
