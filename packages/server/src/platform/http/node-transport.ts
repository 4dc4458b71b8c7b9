/** Requests through Node's own client, which can send trailers and knows `expect`. */
import { Agent, request as httpRequest } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent as SecureAgent, request as httpsRequest } from "node:https";
import { guardedLookup, refusalOf } from "./guarded-lookup.ts";
import type { OutgoingPolicy } from "./guarded-lookup.ts";
import { headerBytesMax } from "./http-client.ts";
import type { HttpBody, HttpRequest, HttpSending } from "./http-client.ts";
import { headersOf, latin1, rawHeaders } from "./transport.ts";
import type { Transport, TransportListener } from "./transport.ts";

class NodeSending implements HttpSending {
  readonly #listener: TransportListener;
  readonly #request: ClientRequest;
  #response: IncomingMessage | undefined;
  #ended = false;

  constructor(request: ClientRequest, listener: TransportListener) {
    this.#request = request;
    this.#listener = listener;
    request.on("socket", (socket) => {
      if (socket.connecting) {
        const secure = "encrypted" in socket;
        socket.once(secure ? "secureConnect" : "connect", () => this.#unlessEnded(() => listener.connected()));
      } else listener.connected();
    });
    request.on("response", (response) => this.#unlessEnded(() => this.#receive(response)));
    request.on("upgrade", (_response, socket) => {
      socket.destroy();
      this.#fail(Object.assign(new Error("the server switched protocols"), { code: "UPGRADED" }));
    });
    request.on("error", (error) => this.#fail(error));
    request.on("close", () => {
      if (this.#response === undefined) this.#fail(connectionClosed());
    });
  }

  readonly pause = (): void => void this.#response?.pause();

  readonly resume = (): void => void this.#response?.resume();

  readonly abort = (): void => {
    this.#ended = true;
    this.#request.destroy();
  };

  /** Resolves when all of it was handed on, or when the connection is gone. */
  async sendBody(body: HttpBody): Promise<void> {
    const request = this.#request;
    try {
      for (let chunk = await body.next(); chunk !== undefined; chunk = await body.next()) {
        if (this.#ended || request.destroyed) return;
        const room = request.write(chunk);
        this.#listener.sent();
        if (!room) await drained(request);
      }
      const trailers = body.trailers().map(([name, value]): [string, string] => [name, latin1(value)]);
      if (trailers.length > 0) request.addTrailers(trailers);
      request.end();
      this.#listener.sent();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      request.destroy();
    }
  }

  #receive(response: IncomingMessage): void {
    this.#response = response;
    this.#listener.head(response.statusCode ?? 0, headersOf(response.rawHeaders));
    response.on("data", (chunk: Buffer) => this.#unlessEnded(() => this.#listener.data(chunk)));
    response.on("error", (error) => this.#fail(error));
    response.on("end", () => {
      this.#unlessEnded(() => {
        this.#ended = true;
        this.#listener.end(headersOf(response.rawTrailers));
      });
    });
    response.on("close", () => this.#fail(connectionClosed()));
  }

  #fail(error: Error): void {
    this.#unlessEnded(() => {
      this.#ended = true;
      this.#listener.failed(error);
    });
  }

  #unlessEnded(action: () => void): void {
    if (!this.#ended) action();
  }
}

function connectionClosed(): Error {
  return Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" });
}

function drained(request: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      request.off("drain", done);
      request.off("close", done);
      resolve();
    };
    request.on("drain", done);
    request.on("close", done);
  });
}

export function nodeTransport(policy: OutgoingPolicy): Transport {
  const agent = new Agent({ keepAlive: true });
  const secureAgent = new SecureAgent({ keepAlive: true });
  return {
    send: (request, listener) => {
      const target = nodeOptions(request);
      const port = Number(target.port ?? (request.secure ? 443 : 80));
      const refusal = refusalOf(policy, target.hostname, port);
      const guard = { lookup: guardedLookup(policy, port) };
      const options = { ...target, ...guard, agent: request.secure ? secureAgent : agent };
      const client = (request.secure ? httpsRequest : httpRequest)(options);
      const sending = new NodeSending(client, listener);
      if (refusal !== undefined) {
        client.destroy(refusal);
        return sending;
      }
      if (request.body === undefined) client.end();
      else void sending.sendBody(request.body);
      return sending;
    },
    close: async () => {
      agent.destroy();
      secureAgent.destroy();
    },
  };
}

function nodeOptions(request: HttpRequest): {
  readonly method: string;
  readonly hostname: string;
  readonly port: string | undefined;
  readonly path: string;
  readonly headers: string[];
  readonly maxHeaderSize: number;
} {
  const { authority, method, pathWithQuery: path, body } = request;
  const { hostname, port } = new URL(`${request.secure ? "https" : "http"}://${authority}`);
  const headers = ["host", authority, ...rawHeaders(request)];
  const lengthKnown = headers.some((text, index) => index % 2 === 0 && text.toLowerCase() === "content-length");
  if (body !== undefined && !lengthKnown) headers.push("transfer-encoding", "chunked");
  // An IPv6 address stands in brackets in an authority only.
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return {
    method,
    hostname: host,
    port: port === "" ? undefined : port,
    path,
    headers,
    maxHeaderSize: headerBytesMax,
  };
}
