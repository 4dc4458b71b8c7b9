/** The real client. Each request takes the transport that can send it. */
import type { HttpClient, HttpRequest } from "./http-client.ts";
import { nodeTransport } from "./node-transport.ts";
import { TimedSending } from "./timed-sending.ts";
import { undiciTransport } from "./undici-transport.ts";

/** A body of unknown length may end with trailers. */
function needsNode({ body, headers }: HttpRequest): boolean {
  if (headers.some(([name]) => name.toLowerCase() === "expect")) return true;
  if (body === undefined || body.length !== undefined) return false;
  return !headers.some(([name]) => name.toLowerCase() === "content-length");
}

export function systemHttpClient(): HttpClient {
  const undici = undiciTransport();
  const node = nodeTransport();
  return {
    send: (request, listener) => new TimedSending(needsNode(request) ? node : undici, request, listener),
    close: async () => {
      await Promise.all([undici.close(), node.close()]);
    },
  };
}
