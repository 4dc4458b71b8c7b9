/** The bound port behind a UDP socket. */
import type { IpSocketAddress } from "../../platform/network/address.ts";
import { socketAddressText } from "../../platform/network/address.ts";
import type { NetworkErrorCode, UdpSocket } from "../../platform/network/network.ts";
import { networkErrorCode } from "../../platform/network/network-error.ts";
import { allowsListening } from "../../platform/network/policy.ts";
import type { HostContext } from "../interface.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import { Change } from "../wasi-http/change.ts";

export interface Datagram {
  readonly data: Uint8Array;
  readonly remoteAddress: IpSocketAddress;
}

/** What has come and was not taken; what comes beyond is lost. */
const receivedBytesMax = 512 * 1024;
const receivedCountMax = 1000;

/** What waits to be sent. */
const outgoingCountMax = 64;

/** Whose answers a socket gets that may not listen. */
const peersMax = 1000;

export class UdpPort {
  /** With the port that it has got, once it has. */
  local: IpSocketAddress;
  readonly changed: Change = new Change();
  readonly #context: HostContext;
  #binding: Promise<void> | undefined;
  #socket: UdpSocket | undefined;
  #failure: NetworkErrorCode | undefined;
  #received: Datagram[] = [];
  #receivedBytes = 0;
  readonly #outgoing: Datagram[] = [];
  #sending = false;
  /** Undefined for anybody. */
  #remote: string | undefined;
  readonly #peers = new Set<string>();
  #options: { readonly hops: number; readonly sizes: Parameters<UdpSocket["setBufferSizes"]>[0] } | undefined;
  #closed = false;

  constructor(context: HostContext, local: IpSocketAddress) {
    this.#context = context;
    this.local = local;
  }

  /** Resolves when it is bound, or with what is in the way. */
  async bind(): Promise<Result<IpSocketAddress, NetworkErrorCode>> {
    if (this.#closed) return err("invalid-state");
    this.#binding ??= this.#bind();
    await this.#binding;
    if (this.#socket !== undefined) return ok(this.#socket.local);
    return err(this.#failure ?? "unknown");
  }

  /** Datagrams of others, which wait already, aren't for the new streams. */
  associate(remote: IpSocketAddress | undefined): void {
    this.#remote = remote === undefined ? undefined : socketAddressText(remote);
    if (this.#remote !== undefined) this.#allow(this.#remote);
    const kept = this.#received.filter(({ remoteAddress }) => this.#takes(remoteAddress));
    this.#received = kept;
    this.#receivedBytes = kept.reduce((sum, { data }) => sum + data.length, 0);
  }

  setOptions(hops: number, sizes: Parameters<UdpSocket["setBufferSizes"]>[0]): void {
    this.#options = { hops, sizes };
    this.#socket?.setHopLimit(hops);
    this.#socket?.setBufferSizes(sizes);
  }

  readable(): boolean {
    void this.bind();
    return this.#received.length > 0 || this.#failure !== undefined;
  }

  writable(): boolean {
    return this.#outgoing.length < outgoingCountMax || this.#failure !== undefined;
  }

  /** What has come; a code when it isn't bound, which it then tries again. */
  take(count: number, bytesMax: number): Result<readonly Datagram[], NetworkErrorCode> {
    const failure = this.#failure;
    if (failure !== undefined) {
      this.#failure = undefined;
      this.#binding = undefined;
      return err(failure);
    }
    void this.bind();
    const taken: Datagram[] = [];
    let bytes = 0;
    for (const datagram of this.#received.slice(0, count)) {
      bytes += datagram.data.length;
      if (taken.length > 0 && bytes > bytesMax) break;
      taken.push(datagram);
      this.#receivedBytes -= datagram.data.length;
    }
    this.#received.splice(0, taken.length);
    return ok(taken);
  }

  room(): Result<bigint, NetworkErrorCode> {
    return this.#failure === undefined ? ok(BigInt(outgoingCountMax - this.#outgoing.length)) : err(this.#failure);
  }

  /** It is spoken to, by this run or an earlier one. */
  note(remoteAddress: IpSocketAddress): void {
    this.#allow(socketAddressText(remoteAddress));
  }

  send(data: Uint8Array, remoteAddress: IpSocketAddress): void {
    this.#outgoing.push({ data: data.slice(), remoteAddress });
    void this.#pump();
  }

  close(): void {
    this.#closed = true;
    if (!this.#sending) this.#socket?.close();
  }

  async #bind(): Promise<void> {
    try {
      const socket = await this.#context.sockets.network.bindUdp(this.local, (data, from) => this.#receive(data, from));
      if (this.#closed) return socket.close();
      this.#socket = socket;
      if (this.#options !== undefined) this.setOptions(this.#options.hops, this.#options.sizes);
    } catch (error) {
      this.#failure = networkErrorCode(error);
    }
    this.changed.notify();
  }

  #receive(data: Uint8Array, remoteAddress: IpSocketAddress): void {
    if (this.#received.length >= receivedCountMax || this.#receivedBytes + data.length > receivedBytesMax) return;
    if (!this.#takes(remoteAddress)) return;
    this.#received.push({ data, remoteAddress });
    this.#receivedBytes += data.length;
    this.changed.notify();
  }

  /** Without leave to listen it hears only those to whom it has spoken. */
  #takes(remote: IpSocketAddress): boolean {
    const text = socketAddressText(remote);
    if (this.#remote !== undefined) return this.#remote === text;
    return this.#peers.has(text) || allowsListening(this.#context.sockets.network.policy, "udp", this.local);
  }

  #allow(peer: string): void {
    // The one that was spoken to last is remembered longest.
    this.#peers.delete(peer);
    this.#peers.add(peer);
    const [oldest] = this.#peers;
    if (this.#peers.size > peersMax && oldest !== undefined) this.#peers.delete(oldest);
  }

  async #pump(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (let next = this.#outgoing[0]; next !== undefined; next = this.#outgoing[0]) {
        await Promise.all([this.#context.durable.commit(), this.bind()]);
        // One that the system doesn't take is lost, as datagrams may be.
        await this.#socket?.send(next.data, next.remoteAddress).catch(() => undefined);
        this.#outgoing.shift();
        this.changed.notify();
      }
    } catch {
      // The store refused: the run ends by that, and nothing that isn't durable may get out.
      this.#outgoing.length = 0;
    }
    this.#sending = false;
    if (this.#closed) this.#socket?.close();
  }
}
