/** The event stream of a worker over WebSocket (spec/service.md §7). */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { formatJson, isComponentId, isWorkerName } from "@emet/contract";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import type { WorkerService } from "../cluster/worker-service.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { WorkerEvent } from "../worker/events.ts";
import { badRequest, errorResponse, notFound } from "./errors.ts";
import type { ErrorResponse } from "./errors.ts";
import { refusalOf } from "./origins.ts";
import type { Origins } from "./origins.ts";
import { timestamp } from "./worker-json.ts";

const pingIntervalMs = 30_000;
const pongTimeoutMs = 15_000;

/** A client that doesn't read is disconnected rather than served from memory without end. */
const unsentBytesMax = 16 * 1024 * 1024;

const connectPath = /^\/v1\/components\/([^/]+)\/workers\/([^/]+)\/connect$/u;

/** Other protocols that clients offer to change to (such as HTTP/2) are ignored: their requests are plain ones. */
export function isWebSocketUpgrade(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === "websocket";
}

export function serveConnect(server: Server, workers: WorkerService, origins: Origins): void {
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // From here on the socket's errors are nobody else's.
    socket.on("error", () => socket.destroy());
    if (origins.verdict(request) === "refused") refuse(socket, { status: 403, body: { error: refusalOf(request) } });
    else void upgrade({ sockets, workers }, request, socket, head);
  });
}

interface Upgrade {
  readonly sockets: WebSocketServer;
  readonly workers: WorkerService;
}

function workerOf(url: string): WorkerId {
  const match = connectPath.exec(url.split("?")[0] ?? "");
  if (match === null) throw notFound(`Not found: ${url}`);
  const [, componentId = "", workerName = ""] = match;
  if (!isComponentId(componentId)) throw badRequest("component_id: Invalid component id: it must be a UUID");
  // A name that is valid needs no decoding.
  if (!isWorkerName(workerName)) throw badRequest(`Invalid worker name: "${workerName}"`);
  return { componentId: componentId.toLowerCase(), workerName };
}

/** The worker is asked first, so that a refusal is an HTTP response; events that come before the socket opens wait. */
async function upgrade(to: Upgrade, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const early: WorkerEvent[] = [];
  let deliver = (event: WorkerEvent): void => {
    early.push(event);
  };
  try {
    const disconnect = await to.workers.connect(workerOf(request.url ?? ""), (event) => deliver(event));
    // Also when the client left before, or its handshake is refused.
    socket.once("close", disconnect);
    if (socket.destroyed) disconnect();
    to.sockets.handleUpgrade(request, socket, head, (webSocket) => {
      keepAlive(webSocket);
      deliver = (event) => send(webSocket, event);
      for (const event of early) send(webSocket, event);
    });
  } catch (error) {
    refuse(socket, errorResponse(error));
  }
}

function refuse(socket: Duplex, { status, body }: ErrorResponse): void {
  const text = formatJson(body);
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n` +
      `Connection: close\r\n\r\n${text}`,
  );
}

function send(webSocket: WebSocket, event: WorkerEvent): void {
  if (webSocket.bufferedAmount > unsentBytesMax) {
    webSocket.close(1013, "the client reads too slowly");
    return;
  }
  webSocket.send(formatJson(eventJson(event)));
  if (event.kind === "close") webSocket.close(1000);
}

function keepAlive(webSocket: WebSocket): void {
  let deadline: NodeJS.Timeout | undefined;
  const ping = setInterval(() => {
    webSocket.ping();
    deadline = setTimeout(() => webSocket.terminate(), pongTimeoutMs);
  }, pingIntervalMs);
  webSocket.on("pong", () => clearTimeout(deadline));
  webSocket.on("error", () => webSocket.terminate());
  webSocket.on("close", () => {
    clearInterval(ping);
    clearTimeout(deadline);
  });
}

function capitalized(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

function eventJson(event: WorkerEvent): unknown {
  switch (event.kind) {
    case "close":
      return "Close";
    case "invocation-start":
    case "invocation-finished": {
      const { functionName, idempotencyKey } = event;
      const name = event.kind === "invocation-start" ? "InvocationStart" : "InvocationFinished";
      return {
        [name]: { timestamp: timestamp(event.timestampMs), function: functionName, idempotency_key: idempotencyKey },
      };
    }
    case "output": {
      const time = timestamp(event.timestampMs);
      const { level, context, message } = event;
      if (level === "stdout") return { StdOut: { timestamp: time, bytes: [...event.bytes] } };
      if (level === "stderr") return { StdErr: { timestamp: time, bytes: [...event.bytes] } };
      return { Log: { timestamp: time, level: capitalized(level), context, message } };
    }
  }
}
