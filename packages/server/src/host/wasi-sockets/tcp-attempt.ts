/** The making of a connection. An attempt that a crash cut off is made again: nothing was sent by it. */
import type { IpSocketAddress } from "../../platform/network/address.ts";
import type { NetworkErrorCode, TcpConnection } from "../../platform/network/network.ts";
import { networkErrorCode } from "../../platform/network/network-error.ts";
import type { HostContext } from "../interface.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import { Change } from "../wasi-http/change.ts";

export class ConnectAttempt {
  readonly changed: Change = new Change();
  readonly #context: HostContext;
  readonly #remote: IpSocketAddress;
  readonly #local: IpSocketAddress | undefined;
  readonly #ended = new AbortController();
  #started = false;
  #outcome: Result<TcpConnection, NetworkErrorCode> | undefined;

  constructor(context: HostContext, remote: IpSocketAddress, local: IpSocketAddress | undefined) {
    this.#context = context;
    this.#remote = remote;
    this.#local = local;
    context.durable.whenLive(() => this.start());
  }

  start(): void {
    if (this.#started || this.#ended.signal.aborted) return;
    this.#started = true;
    void this.#connect().then((outcome) => {
      this.#outcome = outcome;
      this.changed.notify();
      if (this.#ended.signal.aborted) this.#close();
    });
  }

  /** Undefined while it is under way. */
  outcome(): Result<TcpConnection, NetworkErrorCode> | undefined {
    this.start();
    return this.#outcome;
  }

  abort(): void {
    this.#ended.abort();
    this.#close();
  }

  async #connect(): Promise<Result<TcpConnection, NetworkErrorCode>> {
    const { durable, sockets } = this.#context;
    try {
      await durable.commit();
      const options = { local: this.#local, signal: this.#ended.signal };
      return ok(await sockets.network.connect(this.#remote, options));
    } catch (error) {
      return err(networkErrorCode(error));
    }
  }

  #close(): void {
    if (this.#outcome?.tag === "ok") this.#outcome.val.close();
  }
}
