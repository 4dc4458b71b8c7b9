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
  /** Messages other than replies. */
  readonly onMessage: (message: ExecutorToMain, reply: (message: MainToExecutor) => void) => void;
  /** The thread was replaced: workers that were running must be activated again. */
  readonly onReplaced: (reason: Error) => void;
  /** No new thread could be started. */
  readonly onFatal: (reason: Error) => void;
}

interface Call {
  readonly request: Request;
  readonly resolve: (value: ReplyValue) => void;
  readonly reject: (error: Error) => void;
  /** Threads that ended while they had it. */
  endings: number;
}

/** An invocation has an idempotency key and an activation may be repeated: a new thread can be asked again. */
const repeatable: ReadonlySet<Request["kind"]> = new Set([
  "invoke",
  "activate",
  "recover",
  "complete-promise",
  "metrics",
]);

/** A call that was there each time when so many threads ended may well be why they did. */
const endingsMax = 3;

/** Attempts to start a thread in place of one that ended. */
const startsMax = 3;

export class ExecutorPort {
  readonly #options: ExecutorPortOptions;
  readonly #calls = new Map<number, Call>();
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
    const { promise, resolve, reject } = Promise.withResolvers<ReplyValue>();
    const call = this.#nextCall++;
    if (this.#closing && this.#thread === undefined) return Promise.reject(stopping());
    this.#calls.set(call, { request, resolve, reject, endings: 0 });
    this.#thread?.post({ kind: "request", call, request });
    return signal === undefined ? promise : this.#untilAborted(call, promise, signal);
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
    if (message.kind !== "reply" && message.kind !== "error") {
      // To the thread that asked: its successor counts its own questions from the beginning.
      this.#options.onMessage(message, (answer) => thread.post(answer));
      return;
    }
    const call = this.#calls.get(message.call);
    this.#calls.delete(message.call);
    if (message.kind === "reply") call?.resolve(message.value);
    else call?.reject(new WorkerError(message.error));
  }

  async #replace(thread: Thread, reason: Error): Promise<void> {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    const details = `the executor thread ended: ${reason.message}`;
    for (const [id, call] of this.#calls) {
      call.endings += 1;
      if (!this.#closing && repeatable.has(call.request.kind) && call.endings < endingsMax) continue;
      this.#calls.delete(id);
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

function stopping(): Error {
  return golemError({ type: "Unknown", details: "the server is stopping" });
}
