/**
 * A UDP socket as the guest has it, durable: what is received is recorded; what is sent is recorded as sent, then made
 * durable with all that led to it, then sent, so that it is never sent twice. It is bound anew, to the port that it had,
 * when its worker gets live after a crash; datagrams that came meanwhile are lost, as UDP's may be.
 */
import { bytes, list, record, result, u32, u64, unit } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import { HostTrap } from "../../durability/errors.ts";
import type { IpAddressFamily, IpSocketAddress } from "../../platform/network/address.ts";
import { socketAddressText } from "../../platform/network/address.ts";
import type { NetworkErrorCode } from "../../platform/network/network.ts";
import { allowsListening, allowsOutgoing } from "../../platform/network/policy.ts";
import type { HostContext, MaybePromise } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import { ChangePollable } from "../wasi-http/change-pollable.ts";
import type { Pollable } from "../wasi-io/pollable.ts";
import { ReadyPollable } from "../wasi-io/pollable.ts";
import { attempt, checkLocal, checkRemote, errorCode, ipSocketAddress } from "./socket-values.ts";
import { optionalAddress, outcome, refuse, success, valueOf } from "./socket-values.ts";
import { UdpPort } from "./udp-port.ts";
import type { Datagram } from "./udp-port.ts";

const startBind = durableFunction({
  name: "sockets::udp::start_bind",
  class: "local-read",
  request: ipSocketAddress,
  response: success,
});
const finishBind = durableFunction({
  name: "sockets::udp::finish_bind",
  class: "local-read",
  request: ipSocketAddress,
  response: outcome(ipSocketAddress),
});
const stream = durableFunction({
  name: "sockets::udp::stream",
  class: "local-read",
  request: optionalAddress,
  response: success,
});
const datagrams = list(record({ data: bytes, remoteAddress: ipSocketAddress }));
const receive = durableFunction({
  name: "sockets::udp::incoming_datagram_stream::receive",
  class: "remote-read",
  request: u32,
  response: outcome(datagrams),
});
const checkSend = durableFunction({
  name: "sockets::udp::outgoing_datagram_stream::check_send",
  class: "local-read",
  request: unit,
  response: outcome(u64),
});
/** Recorded before anything is sent. */
const send = durableFunction({
  name: "sockets::udp::outgoing_datagram_stream::send",
  class: "remote-write",
  request: u32,
  response: result(u64, errorCode),
});

export const udpRecords = {
  "[method]udp-socket.start-bind": startBind,
  "[method]udp-socket.finish-bind": finishBind,
  "[method]udp-socket.stream": stream,
  "[method]incoming-datagram-stream.receive": receive,
  "[method]outgoing-datagram-stream.check-send": checkSend,
  "[method]outgoing-datagram-stream.send": send,
} as const;

/** What one record holds, unless a single datagram is larger. */
const recordBytesMax = 60 * 1024;
const recordDatagramsMax = 256;

/** What IP can carry. */
const datagramBytesMax: { readonly [F in IpAddressFamily]: number } = { ipv4: 65_507, ipv6: 65_527 };

/** Reading faster than the store writes has to wait for it. */
const backlogBytesMax = 4 * 1024 * 1024;

type State =
  | { readonly kind: "unbound" }
  | { readonly kind: "bind-started"; readonly local: IpSocketAddress }
  | { readonly kind: "bound"; readonly port: UdpPort; readonly association: Association };

/** What the newest pair of streams is for; older ones give and take nothing more. */
export interface Association {
  readonly remote: IpSocketAddress | undefined;
}

/** Its methods throw `NetworkError`. */
export class UdpSocket extends HostObject {
  readonly family: IpAddressFamily;
  readonly #context: HostContext;
  #state: State = { kind: "unbound" };
  #hopLimit = 64;
  #bufferSizes: { readonly receive: number | undefined; readonly send: number | undefined } = {
    receive: undefined,
    send: undefined,
  };

  constructor(context: HostContext, family: IpAddressFamily) {
    super();
    context.sockets.open();
    this.#context = context;
    this.family = family;
  }

  startBind(local: IpSocketAddress): void {
    if (this.#state.kind === "bind-started") refuse("concurrency-conflict");
    if (this.#state.kind !== "unbound") refuse("invalid-state");
    checkLocal(this.family, local);
    const { durable, sockets } = this.#context;
    const allowed = (): boolean => local.val.port === 0 || allowsListening(sockets.network.policy, "udp", local);
    valueOf(durable.call(startBind, local, () => (allowed() ? ok(undefined) : err("access-denied" as const))));
    this.#state = { kind: "bind-started", local };
  }

  finishBind(): MaybePromise<void> {
    if (this.#state.kind !== "bind-started") refuse("not-in-progress");
    const { durable } = this.#context;
    const { local } = this.#state;
    const port = new UdpPort(this.#context, local);
    const bound = durable.callWaiting(finishBind, local, () => port.bind());
    const note = (found: Result<IpSocketAddress, NetworkErrorCode>): void => {
      if (found.tag === "err") this.#state = { kind: "unbound" };
      port.local = valueOf(found);
      this.#state = { kind: "bound", port, association: { remote: undefined } };
      this.#apply(port);
      durable.whenLive(() => void port.bind());
    };
    return bound instanceof Promise ? bound.then(note) : note(bound);
  }

  /** Sets what is sent where and received from whom, for the streams that are made of it. */
  associate(remote: IpSocketAddress | undefined): Association {
    if (this.#state.kind !== "bound") refuse("invalid-state");
    if (remote !== undefined) checkRemote(this.family, remote);
    const { durable } = this.#context;
    valueOf(
      durable.call(stream, remote, () =>
        remote === undefined || this.#allows(remote) ? ok(undefined) : err("access-denied" as const),
      ),
    );
    const { port } = this.#state;
    const association: Association = { remote };
    port.associate(remote);
    this.#state = { kind: "bound", port, association };
    return association;
  }

  localAddress(): IpSocketAddress {
    if (this.#state.kind === "bound") return this.#state.port.local;
    return refuse(this.#state.kind === "bind-started" ? "concurrency-conflict" : "invalid-state");
  }

  remoteAddress(): IpSocketAddress {
    const remote = this.#state.kind === "bound" ? this.#state.association.remote : undefined;
    return remote ?? refuse("invalid-state");
  }

  get hopLimit(): number {
    return this.#hopLimit;
  }

  set hopLimit(hops: number) {
    if (hops === 0) refuse("invalid-argument");
    this.#hopLimit = hops;
    if (this.#state.kind === "bound") this.#apply(this.#state.port);
  }

  get bufferSizes(): { readonly receive: number | undefined; readonly send: number | undefined } {
    return this.#bufferSizes;
  }

  set bufferSizes(sizes: { readonly receive: number | undefined; readonly send: number | undefined }) {
    this.#bufferSizes = sizes;
    if (this.#state.kind === "bound") this.#apply(this.#state.port);
  }

  receive(association: Association, resultsMax: bigint): MaybePromise<readonly Datagram[]> {
    const port = this.#portFor(association);
    const count = Math.min(Number(resultsMax), recordDatagramsMax);
    if (count === 0) return [];
    const { durable } = this.#context;
    const receiveNow = (): readonly Datagram[] =>
      valueOf(durable.call(receive, count, () => port.take(count, recordBytesMax)));
    return durable.backlogBytes > backlogBytesMax ? durable.commit().then(receiveNow) : receiveNow();
  }

  /** How many datagrams may be sent now. */
  checkSend(association: Association): number {
    const port = this.#portFor(association);
    return Number(valueOf(this.#context.durable.call(checkSend, [], () => port.room())));
  }

  /** How many were sent; those behind one that can't be sent aren't. */
  send(
    association: Association,
    outgoing: readonly { readonly data: Uint8Array; readonly remoteAddress: IpSocketAddress | undefined }[],
  ): bigint {
    const port = this.#portFor(association);
    if (outgoing.length === 0) return 0n;
    let isNew = false;
    const sent = valueOf(
      this.#context.durable.call(send, outgoing.length, () => {
        isNew = true;
        return this.#check(association, outgoing);
      }),
    );
    for (const { data, remoteAddress } of outgoing.slice(0, Number(sent))) {
      const remote = remoteAddress ?? association.remote;
      if (remote === undefined) throw new HostTrap("a datagram without an address was recorded as sent");
      port.note(remote);
      if (isNew) port.send(data, remote);
    }
    return sent;
  }

  pollable(kind: "receive" | "send", association: Association): Pollable {
    const state = this.#state;
    // What there is to wait for is the error that says so.
    if (state.kind !== "bound") return new ReadyPollable();
    const { port } = state;
    const isReady = (): boolean => (kind === "receive" ? port.readable() : port.writable());
    return new ChangePollable(port.changed, () => !this.#isCurrent(association) || isReady());
  }

  override close(): void {
    if (this.#state.kind === "bound") this.#state.port.close();
    this.#state = { kind: "unbound" };
    this.#context.sockets.close();
  }

  #isCurrent(association: Association): boolean {
    return this.#state.kind === "bound" && this.#state.association === association;
  }

  #portFor(association: Association): UdpPort {
    return this.#state.kind === "bound" && this.#isCurrent(association) ? this.#state.port : refuse("invalid-state");
  }

  #allows(remote: IpSocketAddress): boolean {
    return allowsOutgoing(this.#context.sockets.network.policy, "udp", remote);
  }

  #check(
    association: Association,
    outgoing: readonly { readonly data: Uint8Array; readonly remoteAddress: IpSocketAddress | undefined }[],
  ): Result<bigint, NetworkErrorCode> {
    const wrong = outgoing.map(({ data, remoteAddress }) => this.#wrong(association, data, remoteAddress));
    const count = wrong.findIndex((code) => code !== undefined);
    if (count === -1) return ok(BigInt(outgoing.length));
    return count === 0 ? err(wrong[0] ?? "unknown") : ok(BigInt(count));
  }

  #wrong(
    { remote: connected }: Association,
    data: Uint8Array,
    remote: IpSocketAddress | undefined,
  ): NetworkErrorCode | undefined {
    const target = remote ?? connected;
    if (target === undefined) return "invalid-argument";
    if (connected !== undefined && socketAddressText(connected) !== socketAddressText(target))
      return "invalid-argument";
    const checked = attempt(() => checkRemote(this.family, target));
    if (checked.tag === "err") return checked.val;
    if (data.length > datagramBytesMax[this.family]) return "datagram-too-large";
    return this.#allows(target) ? undefined : "access-denied";
  }

  #apply(port: UdpPort): void {
    port.setOptions(this.#hopLimit, this.#bufferSizes);
  }
}
