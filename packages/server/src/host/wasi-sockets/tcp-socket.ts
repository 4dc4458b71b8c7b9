/** A TCP socket as the guest has it: a state machine whose every step from outside is recorded. */
import { unit } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { IpAddressFamily, IpSocketAddress } from "../../platform/network/address.ts";
import type { NetworkErrorCode, TcpConnection } from "../../platform/network/network.ts";
import { networkErrorCode } from "../../platform/network/network-error.ts";
import { allowsListening, allowsOutgoing } from "../../platform/network/policy.ts";
import type { HostContext, MaybePromise } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import { ChangePollable } from "../wasi-http/change-pollable.ts";
import { Pollable, ReadyPollable } from "../wasi-io/pollable.ts";
import {
  checkLocal,
  checkRemote,
  connectionEnds,
  ipSocketAddress,
  outcome,
  refuse,
  success,
  valueOf,
} from "./socket-values.ts";
import { Acceptor } from "./tcp-acceptor.ts";
import { ConnectAttempt } from "./tcp-attempt.ts";
import { Connection } from "./tcp-connection.ts";
import { TcpOptions } from "./tcp-options.ts";

const startBind = durableFunction({
  name: "sockets::tcp::start_bind",
  class: "local-read",
  request: ipSocketAddress,
  response: success,
});
const finishBind = durableFunction({
  name: "sockets::tcp::finish_bind",
  class: "local-read",
  request: ipSocketAddress,
  response: outcome(ipSocketAddress),
});
const startConnect = durableFunction({
  name: "sockets::tcp::start_connect",
  class: "local-read",
  request: ipSocketAddress,
  response: success,
});
const finishConnect = durableFunction({
  name: "sockets::tcp::finish_connect",
  class: "remote-read",
  request: unit,
  response: outcome(connectionEnds),
});
const startListen = durableFunction({
  name: "sockets::tcp::start_listen",
  class: "local-read",
  request: ipSocketAddress,
  response: success,
});
const finishListen = durableFunction({
  name: "sockets::tcp::finish_listen",
  class: "local-read",
  request: ipSocketAddress,
  response: success,
});
const accept = durableFunction({
  name: "sockets::tcp::accept",
  class: "remote-read",
  request: ipSocketAddress,
  response: outcome(connectionEnds),
});

export const tcpRecords = {
  "[method]tcp-socket.start-bind": startBind,
  "[method]tcp-socket.finish-bind": finishBind,
  "[method]tcp-socket.start-connect": startConnect,
  "[method]tcp-socket.finish-connect": finishConnect,
  "[method]tcp-socket.start-listen": startListen,
  "[method]tcp-socket.finish-listen": finishListen,
  "[method]tcp-socket.accept": accept,
} as const;

type State =
  | { readonly kind: "unbound" | "closed" }
  | { readonly kind: "bind-started" | "bound" | "listen-started"; readonly local: IpSocketAddress }
  | { readonly kind: "connecting"; readonly attempt: ConnectAttempt }
  | { readonly kind: "connected"; readonly connection: Connection }
  | { readonly kind: "listening"; readonly acceptor: Acceptor };

type Ends = readonly [IpSocketAddress, IpSocketAddress];

function endsOf(made: TcpConnection | NetworkErrorCode | undefined): Result<Ends, NetworkErrorCode> {
  if (made === undefined) return err("would-block");
  return typeof made === "string" ? err(made) : ok([made.local, made.remote]);
}

/** Its methods throw `NetworkError`. */
export class TcpSocket extends HostObject {
  readonly family: IpAddressFamily;
  readonly options: TcpOptions;
  readonly #context: HostContext;
  #state: State = { kind: "unbound" };

  constructor(context: HostContext, family: IpAddressFamily, options: TcpOptions = new TcpOptions()) {
    super();
    context.sockets.open();
    this.#context = context;
    this.family = family;
    this.options = options;
  }

  /** A source port that was chosen, and any address that takes connections, needs leave to listen. */
  startBind(local: IpSocketAddress): void {
    if (this.#state.kind === "bind-started") refuse("concurrency-conflict");
    if (this.#state.kind !== "unbound") refuse("invalid-state");
    checkLocal(this.family, local);
    this.#ask(startBind, local, ({ policy }) => local.val.port === 0 || allowsListening(policy, "tcp", local));
    this.#state = { kind: "bind-started", local };
  }

  /** A port is found now and taken when it is used. */
  finishBind(): MaybePromise<void> {
    if (this.#state.kind !== "bind-started") refuse("not-in-progress");
    const { durable, sockets } = this.#context;
    const { local } = this.#state;
    const found = durable.callWaiting(finishBind, local, () => recordable(sockets.network.findFree(local)));
    const note = (result: Result<IpSocketAddress, NetworkErrorCode>): void => {
      this.#state = result.tag === "ok" ? { kind: "bound", local: result.val } : { kind: "unbound" };
      valueOf(result);
    };
    return found instanceof Promise ? found.then(note) : note(found);
  }

  startConnect(remote: IpSocketAddress): void {
    const state = this.#state;
    if (state.kind === "connecting" || state.kind === "bind-started") refuse("concurrency-conflict");
    if (state.kind !== "unbound" && state.kind !== "bound") refuse("invalid-state");
    checkRemote(this.family, remote);
    this.#ask(startConnect, remote, ({ policy }) => allowsOutgoing(policy, "tcp", remote));
    const local = state.kind === "bound" ? state.local : undefined;
    this.#state = { kind: "connecting", attempt: new ConnectAttempt(this.#context, remote, local) };
  }

  finishConnect(): Connection {
    if (this.#state.kind !== "connecting") refuse("not-in-progress");
    const { attempt } = this.#state;
    let made: TcpConnection | undefined;
    const result = this.#context.durable.call(finishConnect, [], () => {
      const attempted = attempt.outcome();
      if (attempted?.tag === "ok") made = attempted.val;
      return endsOf(attempted?.val);
    });
    const decided = result.tag === "ok" || result.val !== "would-block";
    // Made by an earlier run: it isn't to be made again.
    if (decided && made === undefined) attempt.abort();
    if (decided) this.#state = { kind: "closed" };
    const connection = new Connection(this.#context, valueOf(result), made);
    this.#connect(connection);
    return connection;
  }

  startListen(): void {
    const state = this.#state;
    if (state.kind === "listen-started" || state.kind === "bind-started" || state.kind === "connecting") {
      refuse("concurrency-conflict");
    }
    if (state.kind !== "bound") refuse("invalid-state");
    const { local } = state;
    this.#ask(startListen, local, ({ policy }) => allowsListening(policy, "tcp", local));
    this.#state = { kind: "listen-started", local };
  }

  finishListen(): MaybePromise<void> {
    if (this.#state.kind !== "listen-started") refuse("not-in-progress");
    const { durable } = this.#context;
    const { local } = this.#state;
    const acceptor = new Acceptor(this.#context, local, this.options.backlog);
    const listening = durable.callWaiting(finishListen, local, async () => {
      const failure = await acceptor.listen();
      return failure === undefined ? ok(undefined) : err(failure);
    });
    const note = (result: Result<undefined, NetworkErrorCode>): void => {
      this.#state = result.tag === "ok" ? { kind: "listening", acceptor } : { kind: "bound", local };
      valueOf(result);
      durable.whenLive(() => void acceptor.listen());
    };
    return listening instanceof Promise ? listening.then(note) : note(listening);
  }

  /** A connection and the socket that it belongs to. */
  accept(): { readonly socket: TcpSocket; readonly connection: Connection } {
    if (this.#state.kind !== "listening") refuse("invalid-state");
    const { acceptor } = this.#state;
    const socket = new TcpSocket(this.#context, this.family, this.options.copy());
    let made: TcpConnection | undefined;
    try {
      const result = this.#context.durable.call(accept, acceptor.local, () => {
        const taken = acceptor.take();
        if (typeof taken === "object") made = taken;
        return endsOf(taken);
      });
      const connection = new Connection(this.#context, valueOf(result), made);
      socket.#connect(connection);
      return { socket, connection };
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  localAddress(): IpSocketAddress {
    const state = this.#state;
    switch (state.kind) {
      case "bound":
      case "listen-started":
        return state.local;
      case "connected":
        return state.connection.local;
      case "listening":
        return state.acceptor.local;
      case "bind-started":
        return refuse("concurrency-conflict");
      default:
        return refuse("invalid-state");
    }
  }

  remoteAddress(): IpSocketAddress {
    if (this.#state.kind === "connected") return this.#state.connection.remote;
    return refuse(this.#state.kind === "connecting" ? "concurrency-conflict" : "invalid-state");
  }

  get listening(): boolean {
    return this.#state.kind === "listening";
  }

  setBacklog(value: bigint): void {
    if (value === 0n) refuse("invalid-argument");
    const { kind } = this.#state;
    if (kind === "connecting" || kind === "connected" || kind === "closed") refuse("invalid-state");
    this.options.setBacklog(value);
  }

  /** After the keep-alive options have changed. */
  applyKeepAlive(): void {
    if (this.#state.kind === "connected") this.#state.connection.setKeepAlive(this.options.keepAlive);
  }

  shutdown(type: "receive" | "send" | "both"): void {
    if (this.#state.kind === "connecting") refuse("concurrency-conflict");
    if (this.#state.kind !== "connected") refuse("invalid-state");
    if (type !== "send") this.#state.connection.endInput();
    if (type !== "receive") this.#state.connection.endOutput();
  }

  /** Ready when what was started can be finished, or a connection accepted. */
  pollable(): Pollable {
    return new CurrentPollable(() => this.#currentPollable());
  }

  override close(): void {
    const state = this.#state;
    if (state.kind === "connecting") state.attempt.abort();
    else if (state.kind === "listening") state.acceptor.close();
    else if (state.kind === "connected") state.connection.release();
    this.#state = { kind: "closed" };
    this.#context.sockets.close();
  }

  #currentPollable(): Pollable {
    const state = this.#state;
    if (state.kind === "connecting") {
      return new ChangePollable(state.attempt.changed, () => state.attempt.outcome() !== undefined);
    }
    if (state.kind === "listening") return new ChangePollable(state.acceptor.changed, state.acceptor.ready);
    return new ReadyPollable();
  }

  #connect(connection: Connection): void {
    this.#state = { kind: "connected", connection };
    if (this.options.keepAliveEnabled) this.applyKeepAlive();
  }

  /** The policy may be another one at replay. */
  #ask(
    declaration: typeof startBind,
    address: IpSocketAddress,
    isAllowed: (network: HostContext["sockets"]["network"]) => boolean,
  ): void {
    const { durable, sockets } = this.#context;
    valueOf(
      durable.call(declaration, address, () =>
        isAllowed(sockets.network) ? ok(undefined) : err("access-denied" as const),
      ),
    );
  }
}

/** One is made at the beginning and asked in every state. */
class CurrentPollable extends Pollable {
  readonly #current: () => Pollable;

  constructor(current: () => Pollable) {
    super();
    this.#current = current;
  }

  override ready(): boolean {
    return this.#current().ready();
  }

  override wait(signal: AbortSignal): Promise<void> {
    return this.#current().wait(signal);
  }
}

async function recordable<T>(work: Promise<T>): Promise<Result<T, NetworkErrorCode>> {
  try {
    return ok(await work);
  } catch (error) {
    return err(networkErrorCode(error));
  }
}
