/** HTTP requests that workers answer: brings them to the worker's owner, with what crosses while they are answered. */
import type { Entropy } from "../platform/entropy.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { ComponentService } from "../component/component-service.ts";
import { decodeValue, encodeValue } from "../durability/codec/value-codec.ts";
import {
  handlerFunctions,
  handlerRequest,
  handlerResponse,
  incomingHandlerInterface,
} from "../host/wasi-http/incoming-handler.ts";
import type { HandlerRequest, HandlerResponse } from "../host/wasi-http/incoming-handler.ts";
import type { HttpRequestPart, HttpResponsePart } from "../worker/http-parts.ts";
import { WorkerError } from "../worker/worker-error.ts";
import type { ExecutorPool } from "./executor-pool.ts";

export interface HttpServiceOptions {
  readonly components: ComponentService;
  readonly executors: Pick<ExecutorPool, "request" | "post">;
  readonly entropy: Entropy;
}

/** A request and who is to answer it. */
export interface HttpCall {
  readonly worker: WorkerId;
  readonly request: HandlerRequest;
  /** The body follows in parts. */
  readonly streamed: boolean;
  readonly idempotencyKey: string | undefined;
  readonly receive: (part: HttpResponsePart) => void;
}

export interface HttpAnswering {
  readonly send: (part: HttpRequestPart) => void;
  /** Resolves when the result is durable: with the response, or with nothing when all of it was received in parts. */
  readonly answered: Promise<HandlerResponse | undefined>;
}

interface Exchange {
  readonly worker: WorkerId;
  readonly receive: (part: HttpResponsePart) => void;
}

export class HttpService {
  readonly #options: HttpServiceOptions;
  readonly #exchanges = new Map<number, Exchange>();
  #nextExchange = 0;

  constructor(options: HttpServiceOptions) {
    this.#options = options;
  }

  /** Rejects with a `WorkerError` when there is no such component. */
  async call(call: HttpCall): Promise<HttpAnswering> {
    const { components, executors } = this.#options;
    const { worker, receive } = call;
    const latest = await components.latest(worker.componentId);
    if (latest === undefined) {
      const message = `Couldn't retrieve the component ${worker.componentId}: there is no such component`;
      throw new WorkerError({ kind: "not-found", message });
    }
    const exchange = this.#nextExchange++;
    this.#exchanges.set(exchange, { worker, receive });
    return {
      send: (part) => executors.post(worker, { kind: "http", exchange, part }),
      answered: this.#answered(exchange, call, latest.version),
    };
  }

  /** A part of a response arrived from an executor. */
  deliver(exchange: number, part: HttpResponsePart): void {
    this.#exchanges.get(exchange)?.receive(part);
  }

  /** The executor of these workers was replaced: what was on its way is lost. */
  lost(include: (worker: WorkerId) => boolean): void {
    for (const [exchange, { worker }] of this.#exchanges) {
      if (include(worker)) this.#options.executors.post(worker, { kind: "http", exchange, part: { kind: "gone" } });
    }
  }

  async #answered(
    exchange: number,
    { worker, request, streamed, idempotencyKey }: HttpCall,
    latestVersion: number,
  ): Promise<HandlerResponse | undefined> {
    const { executors, entropy } = this.#options;
    const name = streamed ? handlerFunctions.streamed : handlerFunctions.whole;
    try {
      const result = await executors.request(worker, {
        kind: "invoke",
        worker,
        latestVersion,
        functionName: `${incomingHandlerInterface}.{${name}}`,
        input: encodeValue({ kind: "tuple", items: [handlerRequest.type] }, [request]),
        idempotencyKey: idempotencyKey ?? entropy.uuid(),
        awaitResult: true,
        exchange,
      });
      if (!(result instanceof Uint8Array)) return undefined;
      const [response] = decodeValue<readonly [HandlerResponse]>(
        { kind: "tuple", items: [handlerResponse.type] },
        result,
      );
      return response;
    } finally {
      this.#exchanges.delete(exchange);
    }
  }
}
