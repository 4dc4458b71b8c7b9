/** The stream of a worker's events, as an async iterable. */
import type { WorkerMetadata } from "../rest/worker.ts";
import { EmetError } from "./errors.ts";
import { parseEvent } from "./events.ts";
import type { WorkerEvent } from "./events.ts";
import type { Transport } from "./transport.ts";

/** Ends when the server says so; an error when the connection was refused or lost. */
export async function* connect(
  transport: Transport,
  workerPath: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<WorkerEvent, void, undefined> {
  signal?.throwIfAborted();
  const socket = transport.webSocket(`${workerPath}/connect`);
  const stream = new EventQueue();
  let opened = false;
  socket.addEventListener("open", () => {
    opened = true;
  });
  socket.addEventListener("message", ({ data }) => stream.push(parseEvent(String(data))));
  socket.addEventListener("error", () => stream.push("lost"));
  socket.addEventListener("close", ({ code }) => stream.push(code === 1000 ? "close" : "lost"));
  const abort = (): void => {
    stream.push("close");
    socket.close();
  };
  signal?.addEventListener("abort", abort, { once: true });
  try {
    for (;;) {
      const event = await stream.next();
      if (event === "close") return;
      if (event === "lost") throw opened ? connectionLost() : await refusal(transport, workerPath);
      yield event;
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    socket.close();
  }
}

type Item = WorkerEvent | "close" | "lost";

class EventQueue {
  readonly #items: Item[] = [];
  #wake: (() => void) | undefined;

  push(item: Item | undefined): void {
    if (item === undefined) return;
    this.#items.push(item);
    this.#wake?.();
  }

  async next(): Promise<Item> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) return item;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function connectionLost(): EmetError {
  return new EmetError("unreachable", "the connection to the server was lost");
}

/** A WebSocket doesn't tell why it was refused; the worker's metadata does. */
async function refusal(transport: Transport, workerPath: string): Promise<EmetError> {
  const worker = await transport.json<WorkerMetadata>({ method: "GET", path: workerPath });
  const { workerName } = worker.workerId;
  return new EmetError("conflict", `cannot connect to the worker ${workerName}: it is ${worker.status}`);
}
