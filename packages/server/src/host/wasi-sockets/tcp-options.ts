/**
 * The options of a TCP socket. They are the guest's own until there is a connection to have them, so that reading them
 * needs no record. Hop limit and buffer sizes are kept, but Node has no way to set them for TCP.
 */
import type { KeepAlive } from "../../platform/network/network.ts";
import { checkPositive } from "./socket-values.ts";

const nanosecondsPerMs = 1_000_000n;
const nanosecondsPerSecond = 1_000_000_000n;

/** What systems allow at most. */
const keepAliveSecondsMax = 32_767n;
const keepAliveCountMax = 127;
const bufferBytesMax = 2n ** 30n;
const backlogMax = 4096n;

/** Whole seconds, at least one. */
function keepAliveTime(value: bigint): bigint {
  checkPositive(value);
  const seconds = (value + nanosecondsPerSecond - 1n) / nanosecondsPerSecond;
  return (seconds < keepAliveSecondsMax ? seconds : keepAliveSecondsMax) * nanosecondsPerSecond;
}

export class TcpOptions {
  keepAliveEnabled = false;
  #idleTime = 7200n * nanosecondsPerSecond;
  #interval = 75n * nanosecondsPerSecond;
  #count = 9;
  #hopLimit = 64;
  #receiveBufferSize = 131_072n;
  #sendBufferSize = 131_072n;
  #backlog = 128;

  /** What an accepted connection inherits. */
  copy(): TcpOptions {
    const copy = new TcpOptions();
    copy.keepAliveEnabled = this.keepAliveEnabled;
    copy.#idleTime = this.#idleTime;
    copy.#interval = this.#interval;
    copy.#count = this.#count;
    copy.#hopLimit = this.#hopLimit;
    copy.#receiveBufferSize = this.#receiveBufferSize;
    copy.#sendBufferSize = this.#sendBufferSize;
    return copy;
  }

  get keepAlive(): KeepAlive {
    return {
      enabled: this.keepAliveEnabled,
      idleMs: Number(this.#idleTime / nanosecondsPerMs),
      intervalMs: Number(this.#interval / nanosecondsPerMs),
      count: this.#count,
    };
  }

  /** In nanoseconds. */
  get idleTime(): bigint {
    return this.#idleTime;
  }

  set idleTime(value: bigint) {
    this.#idleTime = keepAliveTime(value);
  }

  /** In nanoseconds. */
  get interval(): bigint {
    return this.#interval;
  }

  set interval(value: bigint) {
    this.#interval = keepAliveTime(value);
  }

  get count(): number {
    return this.#count;
  }

  set count(value: number) {
    checkPositive(value);
    this.#count = Math.min(value, keepAliveCountMax);
  }

  get hopLimit(): number {
    return this.#hopLimit;
  }

  set hopLimit(value: number) {
    checkPositive(value);
    this.#hopLimit = value;
  }

  get receiveBufferSize(): bigint {
    return this.#receiveBufferSize;
  }

  set receiveBufferSize(value: bigint) {
    this.#receiveBufferSize = bufferSize(value);
  }

  get sendBufferSize(): bigint {
    return this.#sendBufferSize;
  }

  set sendBufferSize(value: bigint) {
    this.#sendBufferSize = bufferSize(value);
  }

  get backlog(): number {
    return this.#backlog;
  }

  setBacklog(value: bigint): void {
    checkPositive(value);
    this.#backlog = Number(value < backlogMax ? value : backlogMax);
  }
}

export function bufferSize(value: bigint): bigint {
  checkPositive(value);
  return value < bufferBytesMax ? value : bufferBytesMax;
}
