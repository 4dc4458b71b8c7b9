/**
 * An open TCP connection and its two streams, durable:
 *
 * - What is read is recorded, in parts. At replay the records answer.
 * - What is written stays here until all that led to it is durable, the record of how much was taken among it; then it is
 *   sent. So nothing is sent that replay would send otherwise, and nothing twice: at replay there is no connection, and
 *   what is written goes nowhere.
 * - A run that gets live without the connection, because it was made by an earlier run, finds that it was reset.
 */
import { bytes, u64, unit, variant } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { IpSocketAddress } from "../../platform/network/address.ts";
import type { KeepAlive, NetworkErrorCode, TcpConnection } from "../../platform/network/network.ts";
import type { HostContext, MaybePromise } from "../interface.ts";
import { Change } from "../wasi-http/change.ts";
import { ChangePollable } from "../wasi-http/change-pollable.ts";
import { ChunkQueue } from "../wasi-http/chunk-queue.ts";
import type { Pollable } from "../wasi-io/pollable.ts";
import { InputStream, OutputStream, StreamClosed } from "../wasi-io/streams.ts";
import { errorCode, SocketFailure } from "./socket-values.ts";

const readPart = variant({ data: bytes, end: undefined, failed: errorCode });
type ReadPart = NonNullable<(typeof readPart)["value"]>;

const writeState = variant({ writable: u64, failed: errorCode });
type WriteState = NonNullable<(typeof writeState)["value"]>;

export const readStream = durableFunction({
  name: "sockets::tcp::input_stream::read",
  class: "remote-read",
  request: unit,
  response: readPart,
});

/** Every write asks it, too: its record tells how much was taken. */
export const checkWrite = durableFunction({
  name: "sockets::tcp::output_stream::check_write",
  class: "local-read",
  request: unit,
  response: writeState,
});

/** One record holds no more than this, so that it stays in the oplog itself. */
const partBytesMax = 60 * 1024;

/** What has come and was not read: beyond the first the connection is paused, below the second it goes on. */
const receivedBytesMax = 512 * 1024;
const receivedBytesLow = 256 * 1024;

/** What was written and not yet taken by the system. */
const pendingBytesMax = 256 * 1024;

/** Reading faster than the store writes has to wait for it. */
const backlogBytesMax = 4 * 1024 * 1024;

export class Connection {
  readonly local: IpSocketAddress;
  readonly remote: IpSocketAddress;
  readonly changed: Change = new Change();
  readonly #context: HostContext;
  /** Undefined when it was made by an earlier run. */
  readonly #connection: TcpConnection | undefined;
  readonly #received = new ChunkQueue();
  readonly #outgoing = new ChunkQueue();
  #paused = false;
  #remoteEnded = false;
  #failure: NetworkErrorCode | undefined;
  /** The guest was told that nothing follows, or wants nothing more. */
  #inputOver = false;
  #outputOver = false;
  #inFlightBytes = 0;
  #pumping = false;
  /** The socket and its two streams; without any of them the connection is closed. */
  #owners = 3;

  constructor(
    context: HostContext,
    [local, remote]: readonly [IpSocketAddress, IpSocketAddress],
    connection: TcpConnection | undefined,
  ) {
    this.#context = context;
    this.local = local;
    this.remote = remote;
    this.#connection = connection;
    if (connection === undefined) this.#failure = "connection-reset";
    connection?.receive({
      data: (chunk) => this.#receive(chunk),
      end: () => {
        this.#remoteEnded = true;
        this.changed.notify();
      },
      failed: (code) => {
        this.#failure = code;
        this.#outgoing.clear();
        this.changed.notify();
      },
    });
  }

  setKeepAlive(keepAlive: KeepAlive): void {
    this.#connection?.setKeepAlive(keepAlive);
  }

  readonly readable = (): boolean =>
    this.#inputOver || this.#received.bytes > 0 || this.#remoteEnded || this.#failure !== undefined;

  readonly writable = (): boolean => this.#outputOver || this.#failure !== undefined || this.#room() > 0;

  read(length: number): MaybePromise<Uint8Array> {
    if (this.#inputOver) throw new StreamClosed();
    const { durable } = this.#context;
    if (durable.backlogBytes > backlogBytesMax) return durable.commit().then(() => this.#read(length));
    return this.#read(length);
  }

  /** How much `write` takes now. Throws what a stream throws. */
  checkWrite(): number {
    if (this.#outputOver) throw new StreamClosed();
    const state = this.#context.durable.call(checkWrite, [], (): WriteState =>
      this.#failure === undefined
        ? { tag: "writable", val: BigInt(this.#room()) }
        : { tag: "failed", val: this.#failure },
    );
    if (state.tag === "writable") return Number(state.val);
    this.#outputOver = true;
    throw new SocketFailure(state.val);
  }

  write(data: Uint8Array): void {
    if (this.#failure !== undefined || this.#outputOver) return;
    this.#outgoing.push(data.slice());
    void this.#pump();
  }

  endInput(): void {
    if (this.#inputOver) return;
    this.#inputOver = true;
    this.#received.clear();
    this.#resume();
  }

  endOutput(): void {
    if (this.#outputOver) return;
    this.#outputOver = true;
    if (!this.#pumping) this.#connection?.end();
  }

  /** One of its owners is gone. */
  release(): void {
    this.#owners -= 1;
    if (this.#owners > 0) return;
    this.endInput();
    this.#outputOver = true;
    if (!this.#pumping) this.#connection?.close();
  }

  #room(): number {
    return Math.max(pendingBytesMax - this.#outgoing.bytes - this.#inFlightBytes, 0);
  }

  #receive(chunk: Uint8Array): void {
    if (this.#inputOver) return;
    this.#received.push(chunk);
    if (this.#received.bytes > receivedBytesMax && !this.#paused) {
      this.#paused = true;
      this.#connection?.pause();
    }
    this.changed.notify();
  }

  #resume(): void {
    if (!this.#paused || this.#received.bytes >= receivedBytesLow) return;
    this.#paused = false;
    this.#connection?.resume();
  }

  #read(length: number): Uint8Array {
    const part = this.#context.durable.call(readStream, [], () => this.#take(Math.min(length, partBytesMax)));
    if (part.tag === "data") return part.val;
    this.#inputOver = true;
    throw part.tag === "end" ? new StreamClosed() : new SocketFailure(part.val);
  }

  #take(length: number): ReadPart {
    if (this.#received.bytes > 0 || (!this.#remoteEnded && this.#failure === undefined)) {
      const data = this.#received.take(length);
      this.#resume();
      return { tag: "data", val: data };
    }
    if (this.#remoteEnded) return { tag: "end", val: undefined };
    return { tag: "failed", val: this.#failure ?? "connection-reset" };
  }

  /** Sends what was written, after all that led to it is durable. */
  async #pump(): Promise<void> {
    const connection = this.#connection;
    if (this.#pumping || connection === undefined) return;
    this.#pumping = true;
    try {
      while (this.#outgoing.bytes > 0) {
        await this.#context.durable.commit();
        const data = this.#outgoing.take(pendingBytesMax);
        this.#inFlightBytes = data.length;
        await connection.write(data);
        this.#inFlightBytes = 0;
        this.changed.notify();
      }
    } catch {
      // The store refused: the run ends by that, and nothing that isn't durable may get out.
      this.#outgoing.clear();
      connection.reset();
    }
    this.#pumping = false;
    if (this.#owners === 0) connection.close();
    else if (this.#outputOver) connection.end();
  }
}

export class TcpInputStream extends InputStream {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
  }

  override read(length: number): MaybePromise<Uint8Array> {
    return this.#connection.read(length);
  }

  override pollable(): Pollable {
    return new ChangePollable(this.#connection.changed, this.#connection.readable);
  }

  override close(): void {
    this.#connection.endInput();
    this.#connection.release();
  }
}

export class TcpOutputStream extends OutputStream {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
  }

  override checkWrite(): number {
    return this.#connection.checkWrite();
  }

  override write(data: Uint8Array): void {
    this.#connection.write(data);
  }

  /** What was written is on its way: to wait until the system has it would wait for a commit each time. */
  override flush(): void {}

  override pollable(): Pollable {
    return new ChangePollable(this.#connection.changed, this.#connection.writable);
  }

  override close(): void {
    this.#connection.endOutput();
    this.#connection.release();
  }
}
