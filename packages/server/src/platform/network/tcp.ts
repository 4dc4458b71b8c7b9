/** TCP on node:net. */
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { once } from "node:events";
import type { IpSocketAddress } from "./address.ts";
import { hostText, parseAddress, socketAddress } from "./address.ts";
import { networkError, networkErrorCode } from "./network-error.ts";
import type { KeepAlive, Network, TcpConnection, TcpListener, TcpServer } from "./network.ts";
import { NetworkError } from "./network.ts";

/** What Node tells of an address; both fields are missing once a socket is closed. */
function addressOf(text: string | undefined, port: number | undefined): IpSocketAddress {
  const address = parseAddress(text ?? "");
  if (address === undefined || port === undefined) throw new NetworkError("connection-reset");
  return socketAddress(address, port);
}

class NodeConnection implements TcpConnection {
  readonly local: IpSocketAddress;
  readonly remote: IpSocketAddress;
  readonly #socket: Socket;
  #failed: ((error: Error) => void) | undefined;
  /** Failed before anybody listened. */
  #earlyError: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.local = addressOf(socket.localAddress, socket.localPort);
    this.remote = addressOf(socket.remoteAddress, socket.remotePort);
    socket.setNoDelay(true);
    socket.on("error", (error) => {
      this.#earlyError = error;
      this.#failed?.(error);
    });
  }

  receive({ data, end, failed }: TcpListener): void {
    const socket = this.#socket;
    let over = false;
    this.#failed = (error): void => {
      if (over) return;
      over = true;
      failed(networkErrorCode(error));
    };
    if (this.#earlyError !== undefined) return this.#failed(this.#earlyError);
    socket.on("data", data);
    socket.on("end", end);
    socket.on("close", () => this.#failed?.(new NetworkError("connection-reset")));
    socket.resume();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.write(chunk, () => resolve());
    });
  }

  end(): void {
    this.#socket.end();
  }

  setKeepAlive({ enabled, idleMs, intervalMs, count }: KeepAlive): void {
    this.#socket.setKeepAlive({ enable: enabled, initialDelay: idleMs, interval: intervalMs, count } as never);
  }

  close(): void {
    // Unread bytes would make a reset of it, and the other side would lose what is on its way there.
    this.#socket.resume();
    this.#socket.destroySoon();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }
}

export const connectTcp: Network["connect"] = async (remote, { local, signal }) => {
  const socket = connect({
    host: hostText(remote),
    port: remote.val.port,
    family: remote.tag === "ipv4" ? 4 : 6,
    allowHalfOpen: true,
    ...(local === undefined ? {} : { localAddress: hostText(local), localPort: local.val.port }),
  });
  try {
    await once(socket, "connect", { signal });
    socket.pause();
    return new NodeConnection(socket);
  } catch (error) {
    socket.on("error", () => undefined);
    socket.destroy();
    throw networkError(error);
  }
};

async function listening(server: Server, local: IpSocketAddress, backlog: number): Promise<IpSocketAddress> {
  const { port } = local.val;
  server.listen({ host: hostText(local), port, backlog, ipv6Only: true, exclusive: true });
  try {
    await once(server, "listening");
  } catch (error) {
    throw networkError(error);
  }
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new NetworkError("unknown");
  return addressOf(bound.address, bound.port);
}

export const listenTcp = async (
  local: IpSocketAddress,
  { backlog, connected }: Parameters<Network["listen"]>[1],
): Promise<TcpServer> => {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    try {
      connected(new NodeConnection(socket));
    } catch {
      // It was closed meanwhile.
      socket.destroy();
    }
  });
  const bound = await listening(server, local, backlog);
  // The system may run out of descriptors while it accepts; it goes on when there are some again.
  server.on("error", () => undefined);
  return { local: bound, close: () => void server.close() };
};

export const findFreeTcp: Network["findFree"] = async (address) => {
  const server = createServer((socket) => socket.resetAndDestroy());
  const bound = await listening(server, address, 1);
  await new Promise((resolve) => server.close(resolve));
  return bound;
};
