/** UDP on node:dgram. */
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import type { IpSocketAddress } from "./address.ts";
import { hostText, parseAddress, socketAddress } from "./address.ts";
import { networkError } from "./network-error.ts";
import type { Network, UdpSocket } from "./network.ts";
import { NetworkError } from "./network.ts";

function addressOf(text: string, port: number): IpSocketAddress {
  const address = parseAddress(text);
  if (address === undefined) throw new NetworkError("unknown");
  const zone = Number(text.split("%")[1] ?? 0);
  return socketAddress(address, port, Number.isInteger(zone) ? zone : 0);
}

/** Sizes and hops are wishes; a system that refuses one keeps its own. */
function wish(set: () => void): void {
  try {
    set();
  } catch {
    return;
  }
}

class NodeUdpSocket implements UdpSocket {
  readonly local: IpSocketAddress;
  readonly #socket: Socket;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    const { address, port } = socket.address();
    this.local = addressOf(address, port);
  }

  send(data: Uint8Array, remote: IpSocketAddress): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return resolve();
      this.#socket.send(data, remote.val.port, hostText(remote), (error) => {
        if (error === null) resolve();
        else reject(networkError(error));
      });
    });
  }

  setHopLimit(hops: number): void {
    wish(() => this.#socket.setTTL(hops));
  }

  setBufferSizes({ receive, send }: Parameters<UdpSocket["setBufferSizes"]>[0]): void {
    wish(() => {
      if (receive !== undefined) this.#socket.setRecvBufferSize(receive);
      if (send !== undefined) this.#socket.setSendBufferSize(send);
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

export const bindUdp: Network["bindUdp"] = async (local, received) => {
  const socket = createSocket(local.tag === "ipv4" ? { type: "udp4" } : { type: "udp6", ipv6Only: true });
  try {
    socket.bind({ address: hostText(local), port: local.val.port, exclusive: true });
    await once(socket, "listening");
  } catch (error) {
    socket.on("error", () => undefined);
    wish(() => socket.close());
    throw networkError(error);
  }
  // What a datagram that didn't arrive reports concerns nobody: UDP promises nothing.
  socket.on("error", () => undefined);
  socket.on("message", (data, { address, port }) => received(data, addressOf(address, port)));
  return new NodeUdpSocket(socket);
};
