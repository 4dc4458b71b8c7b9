/** A proxy in front of a database that can hold back what one side says, as a network does just before it fails. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

export interface Held {
  /** From the first request on that contains this. */
  readonly request: RegExp;
  /** The request does not reach the database, or its answer does not come back. */
  readonly holds: "request" | "answer";
  /** The database does not notice that its client is gone. */
  readonly lingers?: boolean;
}

export class HoldingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #port: number;
  readonly #clients = new Set<Socket>();
  readonly #databases = new Set<Socket>();
  /** What to hold back; nothing when undefined. */
  hold: Held | undefined;
  /** How often something was held back. */
  heldCount = 0;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.#port = port;
    server.on("connection", (client) => this.#join(client));
  }

  static async start(port: number): Promise<HoldingProxy> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new HoldingProxy(server, port);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What was held back is lost, with its connections. */
  reset(): void {
    this.hold = undefined;
    this.heldCount = 0;
    for (const socket of this.#clients) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.reset();
    for (const socket of this.#databases) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(client: Socket): void {
    const database = connect(this.#port, "127.0.0.1");
    let holding: Held["holds"] | undefined;
    let lingers = false;
    for (const [socket, other, set] of [
      [client, database, this.#clients],
      [database, client, this.#databases],
    ] as const) {
      set.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        set.delete(socket);
        if (!lingers) other.destroy();
      });
    }
    client.on("data", (data) => {
      if (holding === undefined && this.hold?.request.test(data.toString("latin1")) === true) {
        holding = this.hold.holds;
        lingers = this.hold.lingers === true;
        this.heldCount += 1;
      }
      if (holding !== "request") database.write(data);
    });
    database.on("data", (data) => {
      if (holding !== "answer") client.write(data);
    });
  }
}
