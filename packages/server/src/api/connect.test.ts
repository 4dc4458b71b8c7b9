import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { WebSocket } from "ws";
import type { WorkerService } from "../cluster/worker-service.ts";
import { serveConnect } from "./connect.ts";
import { Origins } from "./origins.ts";

const path = "/v1/components/00000000-0000-4000-8000-000000000000/workers/w/connect";

class Served implements AsyncDisposable {
  readonly #server = createServer();
  readonly #disconnected = Promise.withResolvers<void>();

  async open(autoPong: boolean): Promise<WebSocket> {
    const connect = (): Promise<() => void> => Promise.resolve(this.#disconnected.resolve);
    serveConnect(this.#server, { connect } as unknown as WorkerService, new Origins(""));
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const { port } = this.#server.address() as AddressInfo;
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { autoPong });
    await once(socket, "open");
    return socket;
  }

  /** Resolves when the worker isn't watched any more. */
  get disconnected(): Promise<void> {
    return this.#disconnected.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe("serveConnect()", () => {
  it("pings every 30 seconds, and drops a client that doesn't answer within 15", async (context) => {
    context.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
    await using served = new Served();
    const socket = await served.open(false);
    const pinged = once(socket, "ping");
    context.mock.timers.tick(30_000);
    await pinged;
    const closed = once(socket, "close");
    context.mock.timers.tick(15_000);
    await closed;
    await served.disconnected;
  });

  it("keeps a client that answers", async (context) => {
    context.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
    await using served = new Served();
    const socket = await served.open(true);
    const roundTrip = async (): Promise<void> => {
      const answered = once(socket, "pong");
      socket.ping();
      await answered;
    };
    for (let turn = 0; turn < 3; turn++) {
      const pinged = once(socket, "ping");
      context.mock.timers.tick(30_000 - (turn === 0 ? 0 : 15_000));
      await pinged;
      // The server reads frames in order: behind this one it has seen the answer to its ping.
      await roundTrip();
      context.mock.timers.tick(15_000);
      await roundTrip();
    }
    socket.close();
    await once(socket, "close");
    await served.disconnected;
  });
});
