/**
 * Which web pages may use the API. Browsers let any page send requests to any address, a server of the reader's own
 * machine among them; only the `Origin` header tells. Programs send none, and are not concerned.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

/** How long browsers may remember what a preflight was answered. */
const preflightSeconds = 600;

export type OriginVerdict = "none" | "same" | "allowed" | "refused";

export class Origins {
  readonly #allowed: ReadonlySet<string>;

  /** `origins`: `https://console.example.com,http://localhost:5173`, or `*`. */
  constructor(origins: string) {
    const list = origins.split(",").map((origin) => origin.trim().replace(/\/$/u, ""));
    this.#allowed = new Set(list.filter((origin) => origin !== ""));
  }

  verdict({ headers }: IncomingMessage): OriginVerdict {
    const { origin, host } = headers;
    if (origin === undefined) return "none";
    if (URL.canParse(origin) && new URL(origin).host === host) return "same";
    return this.#allowed.has("*") || this.#allowed.has(origin) ? "allowed" : "refused";
  }

  /** True if it answered the request: a preflight, or one that is refused. Sets the headers of others. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const verdict = this.verdict(request);
    if (verdict === "refused") {
      response
        .writeHead(403, { "content-type": "application/json" })
        .end(JSON.stringify({ error: refusalOf(request) }));
      return true;
    }
    if (verdict !== "allowed") return false;
    const { headers, method } = request;
    response.setHeader("access-control-allow-origin", headers.origin ?? "");
    response.setHeader("vary", "origin");
    if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) return false;
    response.writeHead(204, {
      "access-control-allow-methods": "GET, POST, PUT, DELETE",
      "access-control-allow-headers": headers["access-control-request-headers"] ?? "",
      "access-control-max-age": String(preflightSeconds),
    });
    response.end();
    return true;
  }
}

export function refusalOf({ headers }: IncomingMessage): string {
  return `Web pages of ${headers.origin} may not use this server (setting corsOrigins)`;
}
