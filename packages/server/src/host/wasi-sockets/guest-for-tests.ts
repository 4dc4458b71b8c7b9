/** What a guest does with sockets, in steps that wait as guests wait. */
import assert from "node:assert/strict";
import { parseAddress, socketAddress } from "../../platform/network/address.ts";
import type { IpSocketAddress } from "../../platform/network/address.ts";
import type { TestGuest } from "../context-for-tests.ts";
import type { MaybePromise } from "../interface.ts";
import type { Result } from "../results.ts";

export const tcpName = "wasi:sockets/tcp@0.2.0";
export const udpName = "wasi:sockets/udp@0.2.0";
const streamsName = "wasi:io/streams@0.2.0";

export function at(text: string, port: number): IpSocketAddress {
  const address = parseAddress(text);
  assert.ok(address !== undefined);
  return socketAddress(address, port);
}

export const local = (port: number): IpSocketAddress => at("127.0.0.1", port);

export class SocketGuest {
  readonly guest: TestGuest;
  readonly network: number;

  constructor(guest: TestGuest) {
    this.guest = guest;
    this.network = guest.call("wasi:sockets/instance-network@0.2.0", "instance-network");
  }

  tcp<T = Result<void, string>>(method: string, socket: number, ...parameters: readonly unknown[]): T {
    return this.guest.call<T>(tcpName, `[method]tcp-socket.${method}`, socket, ...parameters);
  }

  udp<T = Result<void, string>>(
    resource: "udp-socket" | "incoming-datagram-stream" | "outgoing-datagram-stream",
    method: string,
    ...parameters: readonly unknown[]
  ): T {
    return this.guest.call<T>(udpName, `[method]${resource}.${method}`, ...parameters);
  }

  create(kind: "tcp" | "udp", family: "ipv4" | "ipv6" = "ipv4"): number {
    const name = `wasi:sockets/${kind}-create-socket@0.2.0`;
    return value(this.guest.call<Result<number, string>>(name, `create-${kind}-socket`, family));
  }

  async wait(pollable: number): Promise<void> {
    await this.guest.call("wasi:io/poll@0.2.0", "[method]pollable.block", pollable);
    this.guest.drop("wasi:io/poll@0.2.0", "pollable", pollable);
  }

  /** A connection; the code where there is none. */
  async connect(port: number): Promise<{ readonly socket: number; readonly input: number; readonly output: number }> {
    const socket = this.create("tcp");
    value(this.tcp("start-connect", socket, this.network, local(port)));
    await this.wait(this.tcp<number>("subscribe", socket));
    const [input, output] = value(this.tcp<Result<readonly [number, number], string>>("finish-connect", socket));
    return { socket, input, output };
  }

  async listen(port = 0): Promise<{ readonly socket: number; readonly address: IpSocketAddress }> {
    const socket = this.create("tcp");
    value(this.tcp("start-bind", socket, this.network, local(port)));
    value(await this.tcp<Promise<Result<void, string>>>("finish-bind", socket));
    value(this.tcp("start-listen", socket));
    value(await this.tcp<Promise<Result<void, string>>>("finish-listen", socket));
    return { socket, address: value(this.tcp<Result<IpSocketAddress, string>>("local-address", socket)) };
  }

  async accept(
    listener: number,
  ): Promise<{ readonly socket: number; readonly input: number; readonly output: number }> {
    await this.wait(this.tcp<number>("subscribe", listener));
    const [socket, input, output] = value(
      this.tcp<Result<readonly [number, number, number], string>>("accept", listener),
    );
    return { socket, input, output };
  }

  async write(output: number, text: string): Promise<string> {
    const name = "[method]output-stream.blocking-write-and-flush";
    return this.#streamResult(await this.guest.call(streamsName, name, output, Buffer.from(text)));
  }

  /** What comes next, as text; an error-code or "closed" where nothing does. */
  async read(input: number, length = 1000n): Promise<string> {
    return this.#streamResult(await this.guest.call(streamsName, "[method]input-stream.blocking-read", input, length));
  }

  async bindUdp(): Promise<{
    readonly socket: number;
    readonly incoming: number;
    readonly outgoing: number;
    readonly address: IpSocketAddress;
  }> {
    const socket = this.create("udp");
    value(this.udp("udp-socket", "start-bind", socket, this.network, local(0)));
    value(await this.udp<Promise<Result<void, string>>>("udp-socket", "finish-bind", socket));
    const [incoming, outgoing] = value(
      this.udp<Result<readonly [number, number], string>>("udp-socket", "stream", socket, undefined),
    );
    return {
      socket,
      incoming,
      outgoing,
      address: value(this.udp<Result<IpSocketAddress, string>>("udp-socket", "local-address", socket)),
    };
  }

  sendTo(outgoing: number, remoteAddress: IpSocketAddress | undefined, text: string): unknown {
    value(this.udp("outgoing-datagram-stream", "check-send", outgoing));
    const datagram = { data: Buffer.from(text), remoteAddress };
    return outcome(this.udp("outgoing-datagram-stream", "send", outgoing, [datagram]));
  }

  async receive(incoming: number): Promise<string[]> {
    await this.wait(this.udp<number>("incoming-datagram-stream", "subscribe", incoming));
    const received = value(
      await this.udp<MaybePromise<Result<readonly { readonly data: Uint8Array }[], string>>>(
        "incoming-datagram-stream",
        "receive",
        incoming,
        10n,
      ),
    );
    return received.map(({ data }) => Buffer.from(data).toString());
  }

  #streamResult(result: Result<Uint8Array | undefined, { readonly tag: string; readonly val?: number }>): string {
    if (result.tag === "ok") return result.val === undefined ? "ok" : Buffer.from(result.val).toString();
    if (result.val.tag === "closed") return "closed";
    return this.guest.call<string>("wasi:sockets/network@0.2.2", "network-error-code", result.val.val);
  }
}

/** Throws the error. */
export function value<T>(result: Result<T, string>): T {
  if (result.tag === "ok") return result.val;
  throw new Error(result.val);
}

/** The value, or the code. */
export function outcome<T>(result: Result<T, string>): T | string {
  return result.val;
}
