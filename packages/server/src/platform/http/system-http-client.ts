/** The real client. Each request takes the transport that can send it. */
import { parseNetworkRules } from "../network/policy.ts";
import type { OutgoingPolicy } from "./guarded-lookup.ts";
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

/** By default nothing is refused. */
export function systemHttpClient(policy: OutgoingPolicy = { outgoing: parseNetworkRules("*") }): HttpClient {
  const undici = undiciTransport(policy);
  const node = nodeTransport(policy);
  return {
    send: (request, listener) => new TimedSending(needsNode(request) ? node : undici, request, listener),
    close: async () => {
      await Promise.all([undici.close(), node.close()]);
    },
  };
}
