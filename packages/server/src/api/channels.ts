/** What is told of the HTTP API (`platform/channel.ts`). */
import type { Server } from "node:http";
import type { Channel } from "../platform/channel.ts";
import { openChannel } from "../platform/channel.ts";

/** A request was answered, or its client left. */
export interface RequestServed {
  /** `api`, or `custom` for the port of custom HTTP APIs. */
  readonly server: "api" | "custom";
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
}

/** A request was answered with an error of the server's own: its disk refuses, or it has a fault. */
export interface RequestFailed {
  readonly error: unknown;
}

export const requestFailed: Channel<RequestFailed> = openChannel("emet:request-failed");
export const requestServed: Channel<RequestServed> = openChannel("emet:request-served");

/** Tells of each request to `server`. */
export function tellRequests(name: RequestServed["server"], server: Server): void {
  server.on("request", (request, response) => {
    if (!requestServed.active) return;
    const started = performance.now();
    response.once("close", () => {
      const { method = "", url = "" } = request;
      const [path = ""] = url.split("?", 1);
      const durationMs = performance.now() - started;
      requestServed.publish({ server: name, method, path, status: response.statusCode, durationMs });
    });
  });
}
