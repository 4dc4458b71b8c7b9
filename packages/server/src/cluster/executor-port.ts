/** The main thread's end of one executor thread: calls and replies, and a new thread when one dies or hangs. */
import type { ExecutorToMain, MainToExecutor, ReplyValue, Request } from "../worker/messages.ts";
import { golemError, WorkerError } from "../worker/worker-error.ts";

/** What is needed of a `node:worker_threads` worker. */
export interface Thread {
  readonly post: (message: MainToExecutor) => void;
  readonly onMessage: (listener: (message: ExecutorToMain) => void) => void;
  /** Called once when the thread has ended, for whatever reason. */
  readonly onExit: (listener: (reason: Error) => void) => void;
  readonly terminate: () => Promise<void>;
}

export interface ExecutorPortOptions {
  /** Starts a thread that owns its shards in a new epoch. */
  readonly spawn: () => Promise<Thread>;
  /** The worker's shard has left the thread: the call is to be made where it is now. `call` is its number here. */
  readonly onMoved: (call: number, moved: Call) => void;
  /** Messages other than replies. */
  readonly onMessage: (message: ExecutorToMain, reply: (message: MainToExecutor) => void) => void;
  /** The thread was replaced: workers that were running must be activated again. */
  readonly onReplaced: (reason: Error) => void;
  /** No new thread could be started. */
  readonly onFatal: (reason: Error) => void;
}

/** A request that waits for its answer. */
export interface Call {
  readonly request: Request;
  readonly answer: Promise<ReplyValue>;
  readonly resolve: (value: ReplyValue) => void;
  readonly reject: (error: Error) => void;
  /** Threads that ended while they had it. */
  endings: number;
}

/** An invocation has an idempotency key and an activation may be repeated: a new thread can be asked again. */
export const repeatable: ReadonlySet<Request["kind"]> = new Set([
  "invoke",
  "activate",
  "recover",
  "complete-promise",
  "metrics",
  "own-shards",
]);

/** A call that was there each time when so many threads ended may well be why they did. */
const endingsMax = 3;

/** Attempts to start a thread in place of one that ended. */
const startsMax = 3;

export class ExecutorPort {
  readonly #options: ExecutorPortOptions;
  readonly #calls = new Map<number, Call>();
  /** Who waits for calls to leave, by their numbers. */
  readonly #leaving = new Map<number, (() => void)[]>();
  #nextCall = 0;
  #thread: Thread | undefined;
  #closing = false;

  constructor(options: ExecutorPortOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const thread = await this.#options.spawn();
    const ready = Promise.withResolvers<void>();
    thread.onMessage((message) => {
      if (message.kind === "ready") ready.resolve();
      else this.#receive(thread, message);
    });
    thread.onExit((reason) => {
      ready.reject(reason);
      void this.#replace(thread, reason);
    });
    await ready.promise;
    this.#thread = thread;
    for (const [call, { request }] of this.#calls) thread.post({ kind: "request", call, request });
  }

  /** Rejects with a `WorkerError` when the request is refused or fails, and with the signal's reason when that comes first. */
  request(request: Request, signal?: AbortSignal): Promise<ReplyValue> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const call = newCall(request);
    const number = this.submit(call);
    return signal === undefined ? call.answer : this.#untilAborted(number, call.answer, signal);
  }

  /** `request`, of a call that was made before. Returns its number here. */
  submit(call: Call): number {
    const number = this.#nextCall++;
    if (this.#closing && this.#thread === undefined) call.reject(stopping());
    else {
      this.#calls.set(number, call);
      this.#thread?.post({ kind: "request", call: number, request: call.request });
    }
    return number;
  }

  /** Resolves when none of these requests, of those that wait here now, waits here any more. */
  async cleared(include: (request: Request) => boolean): Promise<void> {
    const left: Promise<void>[] = [];
    for (const [number, { request }] of this.#calls) {
      if (!include(request)) continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#leaving.set(number, [...(this.#leaving.get(number) ?? []), resolve]);
      left.push(promise);
    }
    await Promise.all(left);
  }

  async #untilAborted(call: number, answer: Promise<ReplyValue>, signal: AbortSignal): Promise<ReplyValue> {
    const abandon = (): void => {
      this.#calls.get(call)?.reject(signal.reason as Error);
      if (this.#calls.delete(call)) this.#thread?.post({ kind: "abandon", call });
    };
    signal.addEventListener("abort", abandon, { once: true });
    try {
      return await answer;
    } finally {
      signal.removeEventListener("abort", abandon);
    }
  }

  /** Without an answer; lost when there is no thread. */
  post(message: MainToExecutor): void {
    this.#thread?.post(message);
  }

  /** Ends a thread that doesn't answer; it is replaced. */
  async terminate(): Promise<void> {
    await this.#thread?.terminate();
  }

  async stop(): Promise<void> {
    // A thread that ends now has nothing to finish any more: what is durable stays.
    const stopped = this.request({ kind: "stop" }).catch(() => undefined);
    this.#closing = true;
    await stopped;
    await this.#thread?.terminate();
  }

  #receive(thread: Thread, message: ExecutorToMain): void {
    if (message.kind !== "reply" && message.kind !== "error" && message.kind !== "moved") {
      // To the thread that asked: its successor counts its own questions from the beginning.
      this.#options.onMessage(message, (answer) => thread.post(answer));
      return;
    }
    const call = this.#take(message.call);
    if (call === undefined) return;
    if (message.kind === "reply") call.resolve(message.value);
    else if (message.kind === "error") call.reject(new WorkerError(message.error));
    else this.#options.onMoved(message.call, call);
  }

  #take(number: number): Call | undefined {
    const call = this.#calls.get(number);
    this.#calls.delete(number);
    if (this.#leaving.size > 0) {
      for (const left of this.#leaving.get(number) ?? []) left();
      this.#leaving.delete(number);
    }
    return call;
  }

  async #replace(thread: Thread, reason: Error): Promise<void> {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    const details = `the executor thread ended: ${reason.message}`;
    for (const [id, call] of this.#calls) {
      call.endings += 1;
      if (!this.#closing && repeatable.has(call.request.kind) && call.endings < endingsMax) continue;
      this.#take(id);
      call.reject(this.#closing ? stopping() : golemError({ type: "Unknown", details }));
    }
    await this.#startAgain(reason);
  }

  /** A thread may end before it is ready, too; that this happens again and again can't be helped from here. */
  async #startAgain(reason: Error): Promise<void> {
    for (let start = 1; !this.#closing; start += 1) {
      try {
        await this.start();
        this.#options.onReplaced(reason);
        return;
      } catch (error) {
        if (start < startsMax) continue;
        this.#options.onFatal(error instanceof Error ? error : reason);
        return;
      }
    }
  }
}

export function newCall(request: Request): Call {
  const { promise: answer, resolve, reject } = Promise.withResolvers<ReplyValue>();
  return { request, answer, resolve, reject, endings: 0 };
}

export function stopping(): Error {
  return golemError({ type: "Unknown", details: "the server is stopping" });
}
