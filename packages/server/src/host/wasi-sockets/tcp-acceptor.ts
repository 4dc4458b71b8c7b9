/** A listening socket. It is bound anew, to the port that it had, when its worker gets live after a crash. */
import type { IpSocketAddress } from "../../platform/network/address.ts";
import type { NetworkErrorCode, TcpConnection, TcpServer } from "../../platform/network/network.ts";
import { networkErrorCode } from "../../platform/network/network-error.ts";
import { allowsListening } from "../../platform/network/policy.ts";
import type { HostContext } from "../interface.ts";
import { Change } from "../wasi-http/change.ts";

export class Acceptor {
  readonly local: IpSocketAddress;
  readonly changed: Change = new Change();
  readonly #context: HostContext;
  readonly #backlog: number;
  /** Undefined as long as it doesn't listen. */
  #listening: Promise<void> | undefined;
  #server: TcpServer | undefined;
  #failure: NetworkErrorCode | undefined;
  #waiting: TcpConnection[] = [];
  #closed = false;

  constructor(context: HostContext, local: IpSocketAddress, backlog: number) {
    this.#context = context;
    this.local = local;
    this.#backlog = backlog;
  }

  /** Resolves when it listens, or with what is in the way. */
  async listen(): Promise<NetworkErrorCode | undefined> {
    if (this.#closed) return undefined;
    this.#listening ??= this.#listen();
    await this.#listening;
    return this.#failure;
  }

  readonly ready = (): boolean => {
    void this.listen();
    return this.#waiting.length > 0 || this.#failure !== undefined;
  };

  /** A connection; a code when it doesn't listen, which it then tries again; undefined when none is waiting. */
  take(): TcpConnection | NetworkErrorCode | undefined {
    const failure = this.#failure;
    if (failure !== undefined) {
      this.#failure = undefined;
      this.#listening = undefined;
    }
    void this.listen();
    return failure ?? this.#waiting.shift();
  }

  close(): void {
    this.#closed = true;
    this.#server?.close();
    for (const connection of this.#waiting) connection.reset();
    this.#waiting = [];
  }

  async #listen(): Promise<void> {
    const { network } = this.#context.sockets;
    try {
      // The server may have been started again with other rules.
      if (!allowsListening(network.policy, "tcp", this.local)) this.#failure = "access-denied";
      else {
        const connected = (connection: TcpConnection): void => this.#connected(connection);
        const server = await network.listen(this.local, { backlog: this.#backlog, connected });
        this.#server = server;
        if (this.#closed) server.close();
      }
    } catch (error) {
      this.#failure = networkErrorCode(error);
    }
    this.changed.notify();
  }

  #connected(connection: TcpConnection): void {
    if (this.#closed || this.#waiting.length >= this.#backlog) connection.reset();
    else {
      this.#waiting.push(connection);
      this.changed.notify();
    }
  }
}
