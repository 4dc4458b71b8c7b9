/** Load from many clients, each with one connection and one call at a time, at as little cost of its own as possible. */
import { connect } from "node:net";
import type { Socket } from "node:net";

/** A type rather than an interface, so that it has an index signature. */
export type LoadResult = {
  readonly callsPerSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
};

export interface Load {
  readonly url: string;
  readonly clients: number;
  readonly callsEach: number;
  /** No call begins later; for servers of very different speed, which fixed numbers of calls don't suit. */
  readonly msMax?: number;
  /** The path and body of a client's calls. */
  readonly path: (client: number, call: number) => string;
  readonly body: string | ((client: number) => string);
}

export async function load(options: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  const started = performance.now();
  await Promise.all(Array.from({ length: options.clients }, (_, client) => runClient(options, client, latencies)));
  const elapsedMs = performance.now() - started;
  latencies.sort((left, right) => left - right);
  const quantile = (part: number): number => latencies[Math.floor((latencies.length - 1) * part)] ?? Number.NaN;
  return { callsPerSecond: (latencies.length / elapsedMs) * 1000, medianMs: quantile(0.5), p99Ms: quantile(0.99) };
}

async function runClient(options: Load, client: number, latencies: number[]): Promise<void> {
  const { url, callsEach, path } = options;
  const body = typeof options.body === "string" ? options.body : options.body(client);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  const request = (call: number): string =>
    `POST ${path(client, call)} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const end = performance.now() + (options.msMax ?? Number.POSITIVE_INFINITY);
  try {
    for (let call = 0; call < callsEach; call += 1) {
      const started = performance.now();
      if (started > end) break;
      socket.write(request(call));
      await response(socket);
      latencies.push(performance.now() - started);
    }
  } finally {
    socket.destroy();
  }
}

/** Resolves when a whole response with status 200 has arrived. */
function response(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    /** Of a body whose length its head tells; its parts are counted and not kept. */
    let missing: number | undefined;
    const end = (error?: Error): void => {
      socket.off("data", receive);
      socket.off("error", end);
      if (error === undefined) resolve();
      else reject(error);
    };
    const receive = (data: Buffer): void => {
      if (missing === undefined) {
        text += data.toString("latin1");
        const head = text.indexOf("\r\n\r\n");
        if (head < 0) return;
        const length = /content-length: (\d+)/iu.exec(text)?.[1];
        if (length === undefined) {
          if (!text.endsWith("0\r\n\r\n")) return;
          missing = 0;
        } else missing = head + 4 + Number(length) - text.length;
      } else missing -= data.length;
      if (missing <= 0) end(text.startsWith("HTTP/1.1 200") ? undefined : new Error(text));
    };
    socket.on("data", receive);
    socket.on("error", end);
  });
}
