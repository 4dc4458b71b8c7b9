/** Requests with retries: the one way from the client to the server. */
import { formatJson, parseJson } from "../values/json.ts";
import { EmetError, errorOfAnswer } from "./errors.ts";

/** The part of `fetch` that the client needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** How calls that may be repeated are repeated when no answer comes. */
export interface RetryPolicy {
  /** Attempts in all. */
  readonly attemptsMax: number;
  readonly delayMsMin: number;
  readonly delayMsMax: number;
}

export interface ClientOptions {
  /** Where the server is: `http://localhost:9881`. */
  readonly url: string;
  /** Where workers are, if they are served by an address of their own. */
  readonly workerUrl?: string | undefined;
  /** Sent with every request. */
  readonly headers?: { readonly [name: string]: string } | undefined;
  /** In place of the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** In place of the global `WebSocket`, for `connect`; Node 20 has none of its own. */
  readonly webSocket?: WebSocketConstructor | undefined;
  readonly retries?: Partial<RetryPolicy> | undefined;
}

/** The part of `WebSocket` that the client needs. */
export interface WebSocketLike {
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { readonly code: number; readonly reason: string }) => void): void;
  close(): void;
}

export type WebSocketConstructor = new (url: string) => WebSocketLike;

/** The body of a request; made anew for each attempt, since a stream can be read only once. */
export type BodyMaker = () => { readonly body: NonNullable<RequestInit["body"]>; readonly headers?: HeaderFields };

type HeaderFields = { readonly [name: string]: string };

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** After `/v1`, its variable segments escaped by `path`. */
  readonly path: string;
  readonly query?: Query | undefined;
  readonly json?: unknown;
  readonly body?: BodyMaker | undefined;
  readonly headers?: HeaderFields | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Doing it twice is the same as once; true of every GET. */
  readonly repeatable?: boolean | undefined;
}

/** Parameters that are undefined are left out; lists are repeated. */
export type Query = { readonly [name: string]: string | number | boolean | readonly string[] | undefined };

const defaultRetries: RetryPolicy = { attemptsMax: 6, delayMsMin: 100, delayMsMax: 3000 };

/** An attempt that lasted longer than this wasn't in vain: it waited, and was cut off. It starts the count anew. */
const longAttemptMs = 20_000;

/** What the proxy in front of Golem sends to its worker service (spec/service.md §1.2). */
const workerPath = /^\/v1\/(?:components\/[^/]+\/(?:workers|invoke|invocations)|api)(?:[/?-]|$)/u;

/** A path with its variable parts escaped: ``path`/components/${id}` ``. */
export function path(parts: TemplateStringsArray, ...segments: readonly (string | number)[]): string {
  return parts.reduce((text, part, index) => `${text}${encodeURIComponent(segments[index - 1] ?? "")}${part}`);
}

export class Transport {
  readonly #options: ClientOptions;
  readonly #retries: RetryPolicy;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#retries = { ...defaultRetries, ...options.retries };
  }

  /** The answer as JSON. */
  async json<T>(call: Call): Promise<T> {
    const { text } = await this.#answer(call, async (response) => ({ text: await response.text() }));
    try {
      return parseJson(text) as T;
    } catch (cause) {
      throw new EmetError("unexpected-answer", `the server's answer is no JSON: ${text.slice(0, 100)}`, { cause });
    }
  }

  async text(call: Call): Promise<string> {
    return await this.#answer(call, (response) => response.text());
  }

  async bytes(call: Call): Promise<Uint8Array> {
    return await this.#answer(call, async (response) => new Uint8Array(await response.arrayBuffer()));
  }

  /** The answer's bytes as they come. */
  async stream(call: Call): Promise<ReadableStream<Uint8Array>> {
    return await this.#answer(call, async ({ body }) => body ?? new Blob([]).stream());
  }

  /** Opens a WebSocket, without waiting for it. */
  webSocket(socketPath: string): WebSocketLike {
    const { webSocket = (globalThis as { readonly WebSocket?: WebSocketConstructor }).WebSocket } = this.#options;
    if (webSocket === undefined) {
      throw new TypeError("this engine has no WebSocket: give the client one as its option webSocket");
    }
    return new webSocket(this.#url({ method: "GET", path: socketPath }).replace(/^http/u, "ws"));
  }

  #url({ path: callPath, query = {} }: Call): string {
    const { url, workerUrl = url } = this.#options;
    const parameters = Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [value].flat().map((item) => `${name}=${encodeURIComponent(String(item))}`),
    );
    const base = (workerPath.test(callPath) ? workerUrl : url).replace(/\/+$/u, "");
    return `${base}${callPath}${parameters.length === 0 ? "" : `?${parameters.join("&")}`}`;
  }

  /** Reads the answer too: it can be cut off as the request can. */
  async #answer<T>(call: Call, read: (response: Response) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const began = performance.now();
      try {
        const response = await this.#send(call);
        if (response.status === 503 && this.#mayRepeat(call, attempt)) await response.body?.cancel();
        else if (response.ok) return await read(response);
        else throw errorOfAnswer(response.status, tolerantJson(await response.text()));
      } catch (error) {
        if (error instanceof EmetError) throw error;
        call.signal?.throwIfAborted();
        if (performance.now() - began > longAttemptMs) attempt = 1;
        if (!this.#mayRepeat(call, attempt, error)) throw this.#unreachable(call, error);
      }
      await this.#pause(attempt, call.signal);
    }
  }

  async #send(call: Call): Promise<Response> {
    const { fetch = globalThis.fetch, headers } = this.#options;
    const made = call.body?.();
    const isJson = call.json !== undefined;
    return await fetch(this.#url(call), {
      method: call.method,
      headers: {
        ...headers,
        ...(isJson ? { "content-type": "application/json" } : {}),
        ...made?.headers,
        ...call.headers,
      },
      ...(isJson ? { body: formatJson(call.json) } : {}),
      // Streams are sent while the answer isn't awaited yet.
      ...(made === undefined ? {} : { body: made.body, duplex: "half" }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
  }

  #mayRepeat(call: Call, attempt: number, error?: unknown): boolean {
    if (attempt >= this.#retries.attemptsMax) return false;
    return call.method === "GET" || call.repeatable === true || wasRefused(error);
  }

  #unreachable(call: Call, cause: unknown): EmetError {
    const url = new URL(this.#url(call));
    return new EmetError("unreachable", `cannot reach the server at ${url.origin}: ${reasonOf(cause)}`, { cause });
  }

  async #pause(attempt: number, signal: AbortSignal | undefined): Promise<void> {
    const { delayMsMin, delayMsMax } = this.#retries;
    const delay = Math.min(delayMsMax, delayMsMin * 2 ** (attempt - 1)) * (0.75 + Math.random() / 2);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", abort);
        resolve();
      }, delay);
      const abort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener("abort", abort, { once: true });
    });
  }
}

function causeCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? (error.cause as { readonly code?: string } | undefined) : undefined;
  return cause?.code;
}

/** The connection wasn't made at all, so that nothing can have been done. */
function wasRefused(error: unknown): boolean {
  return causeCode(error) === "ECONNREFUSED";
}

function reasonOf(error: unknown): string {
  return causeCode(error) ?? (error instanceof Error ? error.message : String(error));
}

function tolerantJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return { error: text.slice(0, 1000) };
  }
}
