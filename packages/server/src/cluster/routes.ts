/** Where the requests for each shard go. While a shard moves they wait here, and go on in the order in which they came. */
import type { MainToExecutor } from "../worker/messages.ts";
import type { Call, ExecutorPort } from "./executor-port.ts";

type Port = Pick<ExecutorPort, "submit" | "post">;

interface Waiting<P> {
  /** What the former owner had already and gave back, with the number that it had there. */
  readonly returned: { readonly number: number; readonly call: Call }[];
  /** What came since. */
  readonly since: ((port: P) => void)[];
  readonly calls: Call[];
}

export class Routes<P extends Port = ExecutorPort> {
  readonly #ports: (P | undefined)[];
  readonly #waiting = new Map<number, Waiting<P>>();
  #closed: Error | undefined;

  /** The port of each shard. */
  constructor(ports: readonly P[]) {
    this.#ports = [...ports];
  }

  /** Undefined while the shard moves. */
  of(shard: number): P | undefined {
    return this.#ports[shard];
  }

  /** From here on requests for them wait, until `open`. */
  hold(shards: readonly number[]): void {
    for (const shard of shards) {
      this.#ports[shard] = undefined;
      this.#waiting.set(shard, { returned: [], since: [], calls: [] });
    }
  }

  /** A request for a shard that moves. */
  submit(shard: number, call: Call): void {
    const waiting = this.#waiting.get(shard);
    if (waiting === undefined) return call.reject(this.#closed ?? new Error(`shard ${shard} does not move`));
    waiting.since.push((port) => void port.submit(call));
    waiting.calls.push(call);
  }

  /** The same for a message that isn't answered. */
  post(shard: number, message: MainToExecutor): void {
    this.#waiting.get(shard)?.since.push((port) => port.post(message));
  }

  /** An executor that doesn't own the shard any more gave a call back, which had this number there. */
  returned(shard: number, number: number, call: Call): void {
    const port = this.of(shard);
    if (port === undefined) this.#waiting.get(shard)?.returned.push({ number, call });
    else port.submit(call);
  }

  /** Requests for them go there now, first of all those that waited. */
  open(shards: readonly number[], port: P): void {
    for (const shard of shards) {
      const waiting = this.#waiting.get(shard);
      this.#ports[shard] = port;
      this.#waiting.delete(shard);
      if (waiting === undefined) continue;
      for (const { call } of waiting.returned.sort((one, other) => one.number - other.number)) port.submit(call);
      for (const send of waiting.since) send(port);
    }
  }

  /** Nothing that waits will go on. */
  close(reason: Error): void {
    this.#closed = reason;
    for (const { returned, calls } of this.#waiting.values()) {
      for (const call of [...returned.map((each) => each.call), ...calls]) call.reject(reason);
    }
    this.#waiting.clear();
  }
}
