/**
 * Custom HTTP APIs: each request goes to the worker that its route names, and the worker's `wasi:http/incoming-handler`
 * answers it, as an invocation that is recorded like any other.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { formatJson, isWorkerName } from "@emet/contract";
import type { HttpService } from "../../cluster/http-service.ts";
import { badRequest, errorResponse, notFound } from "../errors.ts";
import { handlerMethod } from "../../host/wasi-http/incoming-handler.ts";
import type { HandlerRequest } from "../../host/wasi-http/incoming-handler.ts";
import { forbiddenNames } from "../../host/wasi-http/fields.ts";
import type { Entropy } from "../../platform/entropy.ts";
import { headersOf } from "../../platform/http/transport.ts";
import type { WorkerId } from "../../platform/worker-id.ts";
import { RequestBody } from "./request-body.ts";
import { ResponseWriter } from "./response-writer.ts";
import type { RouteService } from "./route-service.ts";
import type { MatchedRoute } from "./route-table.ts";

export interface GatewayOptions {
  readonly routes: Pick<RouteService, "find" | "component">;
  readonly http: HttpService;
  readonly entropy: Entropy;
}

interface Target {
  readonly host: string;
  readonly pathWithQuery: string;
}

/** Clients write the path, proxies a whole URL. */
function targetOf({ url = "/", headers }: IncomingMessage): Target {
  const host = headers.host ?? "";
  if (url.startsWith("/") || !URL.canParse(url)) return { host, pathWithQuery: url };
  const parsed = new URL(url);
  return { host: parsed.host, pathWithQuery: `${parsed.pathname}${parsed.search}` };
}

function idempotencyKeyOf({ headers }: IncomingMessage): string | undefined {
  const given = headers["idempotency-key"];
  const key = Array.isArray(given) ? given[0] : given;
  if (key === "") throw badRequest("Idempotency-Key: the header is empty");
  return key;
}

/** A request that is repeated with its key must come to the worker that it came to before. */
function freshName(routeId: string, key: string | undefined, entropy: Entropy): string {
  if (key === undefined) return entropy.uuid();
  return createHash("sha256").update(`${routeId}\0${key}`).digest("hex").slice(0, 32);
}

function workerName({ route, parameters }: MatchedRoute, request: IncomingMessage, entropy: Entropy): string {
  const { worker } = route;
  if (worker === undefined) return freshName(route.id, idempotencyKeyOf(request), entropy);
  if ("name" in worker) return worker.name;
  const fromPath = "pathParameter" in worker;
  const header = fromPath ? undefined : request.headers[worker.header.toLowerCase()];
  const name = fromPath ? parameters.get(worker.pathParameter) : Array.isArray(header) ? header[0] : header;
  const place = fromPath ? `the path parameter {${worker.pathParameter}}` : `the header ${worker.header}`;
  if (name === undefined) throw badRequest(`The worker's name is missing: ${place}`);
  if (!isWorkerName(name)) throw badRequest(`Invalid worker name in ${place}: "${name}"`);
  return name;
}

function handlerRequestOf(
  request: IncomingMessage,
  { host, pathWithQuery }: Target,
  content: Uint8Array | undefined,
  body: RequestBody,
): HandlerRequest {
  const { trailers } = body;
  const headers = headersOf(request.rawHeaders).filter(([name]) => !forbiddenNames.has(name));
  const empty = content === undefined || (content.length === 0 && trailers.length === 0);
  return {
    method: handlerMethod(request.method ?? "GET"),
    scheme: { tag: "HTTP", val: undefined },
    authority: host,
    pathAndQuery: pathWithQuery,
    headers,
    bodyAndTrailers: empty ? undefined : { content, trailers: trailers.length === 0 ? undefined : trailers },
  };
}

export class Gateway {
  readonly #options: GatewayOptions;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  readonly listener = (request: IncomingMessage, response: ServerResponse): void => {
    this.#serve(request, response).catch((error: unknown) => {
      if (response.destroyed) return;
      // The client has a part of the answer: all that can be said is that it isn't whole.
      if (response.headersSent) response.destroy();
      else sendError(response, error);
    });
  };

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { routes, http } = this.#options;
    const body = new RequestBody(request);
    const target = targetOf(request);
    const [path = ""] = target.pathWithQuery.split("?", 1);
    const matched = routes.find({ host: target.host, method: request.method ?? "GET", path });
    if (matched === undefined) throw notFound("Route not found");
    const worker = await this.#worker(matched, request);
    const content = await body.whole();
    const writer = new ResponseWriter(response);
    const { send, answered } = await http.call({
      worker,
      request: handlerRequestOf(request, target, content, body),
      streamed: content === undefined,
      idempotencyKey: idempotencyKeyOf(request),
      receive: (part) => {
        if (part.kind === "taken") body.acknowledge(part.bytes);
        else writer.receive(part, send);
      },
    });
    response.on("close", () => {
      if (!response.writableFinished) send({ kind: "gone" });
    });
    if (content === undefined) body.stream(send);
    writer.end(await answered);
  }

  async #worker(matched: MatchedRoute, request: IncomingMessage): Promise<WorkerId> {
    const { routes, entropy } = this.#options;
    const component = await routes.component(matched.route.component);
    if (component === undefined) throw notFound(`Component not found: ${matched.route.component}`);
    return { componentId: component.componentId, workerName: workerName(matched, request, entropy) };
  }
}

function sendError(response: ServerResponse, error: unknown): void {
  const { status, body } = errorResponse(error);
  const text = formatJson(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
