/** Requests through undici's connection pools. It can't send trailers nor `expect`: `node-transport.ts` can. */
import { Readable } from "node:stream";
import { Agent, buildConnector } from "undici";
import type { Dispatcher } from "undici";
import { guardedLookup, refusalOf } from "./guarded-lookup.ts";
import type { OutgoingPolicy } from "./guarded-lookup.ts";
import { headerBytesMax } from "./http-client.ts";
import type { HttpBody, HttpRequest, HttpSending } from "./http-client.ts";
import { headersOf, rawHeaders } from "./transport.ts";
import type { Transport, TransportListener } from "./transport.ts";

async function* chunks(body: HttpBody): AsyncGenerator<Uint8Array> {
  for (let chunk = await body.next(); chunk !== undefined; chunk = await body.next()) yield chunk;
}

class UndiciSending implements HttpSending, Dispatcher.DispatchHandler {
  readonly #listener: TransportListener;
  #controller: Dispatcher.DispatchController | undefined;
  #ended = false;

  constructor(listener: TransportListener) {
    this.#listener = listener;
  }

  readonly pause = (): void => this.#controller?.pause();

  readonly resume = (): void => this.#controller?.resume();

  readonly abort = (): void => {
    this.#ended = true;
    this.#controller?.abort(new Error("aborted"));
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#ended) controller.abort(new Error("aborted"));
    else this.#listener.connected();
  }

  onBodySent(): void {
    this.#listener.sent();
  }

  onRequestUpgrade(controller: Dispatcher.DispatchController): void {
    controller.abort(Object.assign(new Error("the server switched protocols"), { code: "UPGRADED" }));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // Informational responses are no answers.
    if (status < 200 || this.#ended) return;
    this.#listener.head(status, headersOf(rawOf(controller.rawHeaders)));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#ended) this.#listener.data(chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (!this.#ended) this.#listener.end(headersOf(rawOf(controller.rawTrailers)));
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (!this.#ended) this.#listener.failed(coded(error));
  }
}

/** What undici says only in words, with the codes that Node's own parser has for it. */
const codesByMessage: readonly (readonly [pattern: RegExp, code: string])[] = [
  [/bad upgrade/u, "UPGRADED"],
  [/bad response/u, "HPE_INVALID_CONSTANT"],
  [/chunk/u, "HPE_INVALID_CHUNK_SIZE"],
  [/HTTP\/1\.1 protocol.*Content-Length/u, "HPE_INVALID_CONTENT_LENGTH"],
  [/HTTP\/1\.1 protocol/u, "HPE_INVALID_CONSTANT"],
];

function coded(error: Error): Error {
  const code = codesByMessage.find(([pattern]) => pattern.test(error.message))?.[1];
  return code === undefined ? error : Object.assign(new Error(error.message, { cause: error }), { code });
}

function rawOf(raw: unknown): readonly (string | Buffer)[] {
  return Array.isArray(raw) ? (raw as readonly (string | Buffer)[]) : [];
}

/** Longer than any timeout that a request has of its own. */
const connectMsMax = 2 ** 31 - 1;

/** Ports for which connectors are kept, with the sessions of their connections. */
const connectorsMax = 1000;

/** Connects where the rules let it. */
function guardedConnector(policy: OutgoingPolicy): buildConnector.connector {
  const connectors = new Map<number, buildConnector.connector>();
  const connectorFor = (port: number): buildConnector.connector => {
    const connector =
      connectors.get(port) ?? buildConnector({ timeout: connectMsMax, lookup: guardedLookup(policy, port) });
    if (connectors.size >= connectorsMax) connectors.clear();
    connectors.set(port, connector);
    return connector;
  };
  return (options, callback) => {
    const port = Number(options.port === "" ? (options.protocol === "https:" ? 443 : 80) : options.port);
    const refusal = refusalOf(policy, options.hostname.replace(/^\[|\]$/gu, ""), port);
    if (refusal === undefined) connectorFor(port)(options, callback);
    else callback(refusal, null);
  };
}

export function undiciTransport(policy: OutgoingPolicy): Transport {
  const agent = new Agent({
    allowH2: false,
    maxHeaderSize: headerBytesMax,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: guardedConnector(policy),
  });
  return {
    send: (request, listener) => {
      const sending = new UndiciSending(listener);
      try {
        agent.dispatch(dispatchOptions(request), sending);
      } catch (error) {
        listener.failed(error instanceof Error ? error : new Error(String(error)));
      }
      return sending;
    },
    close: () => agent.destroy(),
  };
}

function dispatchOptions(request: HttpRequest): Dispatcher.DispatchOptions {
  const { method, secure, authority, pathWithQuery: path, body } = request;
  return {
    origin: `${secure ? "https" : "http"}://${authority}`,
    method,
    path,
    headers: rawHeaders(request),
    body: body === undefined || body.length === 0 ? null : Readable.from(chunks(body), { objectMode: false }),
  };
}
