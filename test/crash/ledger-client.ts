/** One client with one worker: calls it without end, repeats what wasn't acknowledged, and knows what must come out. */
import assert from "node:assert/strict";
import type { Reply, WorkerClient } from "../support/client.ts";
import type { SeededRandom } from "../support/seeded-random.ts";

/** Opens when the server accepts calls again, and rejects when the test has failed. */
export interface Gate {
  readonly open: () => Promise<void>;
}

interface AcknowledgedCall {
  readonly functionName: string;
  readonly parameters: readonly unknown[];
  readonly key: string;
  readonly result: unknown;
}

const stopping = "the server is stopping";

/** Sleeps of less than the suspension threshold, and of more. */
const sleepsMs = [1, 20, 60, 350] as const;

export class LedgerClient {
  readonly #worker: WorkerClient;
  readonly #name: string;
  readonly #random: SeededRandom;
  readonly #gate: Gate;
  readonly #acknowledged: AcknowledgedCall[] = [];
  #nextKey = 0;
  /** What a run without crashes gives. */
  #sum = 0;
  readonly #file: number[] = [];
  calls = 0;
  repetitions = 0;

  constructor(options: { worker: WorkerClient; name: string; random: SeededRandom; gate: Gate }) {
    this.#worker = options.worker;
    this.#name = options.name;
    this.#random = options.random;
    this.#gate = options.gate;
  }

  /** Calls until `end` is aborted. */
  async run(end: AbortSignal): Promise<void> {
    const steps = [this.#add, this.#add, this.#add, this.#enqueue, this.#sleep, this.#ask, this.#write] as const;
    while (!end.aborted) {
      await this.#random.pick(steps).call(this);
      if (this.#random.integer(1, 20) === 1) await this.#repeatAcknowledged();
    }
  }

  /** Every acknowledged call is there, once: its key gives its result, and the worker is as if nothing had happened. */
  async verify(): Promise<void> {
    const { length } = this.#acknowledged;
    for (let index = Math.max(0, length - 5); index < length; index += 1) await this.#repeat(index);
    for (let sample = 0; sample < 10; sample += 1) await this.#repeatAcknowledged();
    await this.#call("sum", [], this.#sum);
    await this.#call("read", [], this.#file);
    const { status, pendingInvocationCount } = await this.#worker.metadata();
    assert.deepEqual([status, pendingInvocationCount], ["Idle", 0]);
  }

  async #add(): Promise<void> {
    const amount = this.#random.integer(1, 1_000_000);
    this.#sum += amount;
    await this.#call("add", [amount], this.#sum);
  }

  async #enqueue(): Promise<void> {
    const amount = this.#random.integer(1, 1_000_000);
    this.#sum += amount;
    const key = this.#key();
    await this.#until200(() => this.#worker.send("POST", "/invoke?function=add", { params: [amount] }, key));
    this.#acknowledged.push({ functionName: "add", parameters: [amount], key, result: this.#sum });
  }

  async #sleep(): Promise<void> {
    this.#sum += 1;
    await this.#call("sleep", [this.#random.pick(sleepsMs)], this.#sum);
  }

  /** Asks, and completes the promise before, while, or after the worker waits for it. */
  async #ask(): Promise<void> {
    const oplogIdx = await this.#call("ask", []);
    const byte = this.#random.integer(1, 255);
    this.#sum += byte;
    const complete = async (): Promise<void> => {
      await this.#until200(() => this.#worker.send("POST", "/complete", { oplogIdx, data: [byte] }));
    };
    const receive = async (): Promise<void> => {
      await this.#call("receive", [], this.#sum);
    };
    if (this.#random.integer(0, 1) === 0) await complete().then(receive);
    else await Promise.all([receive(), complete()]);
  }

  async #write(): Promise<void> {
    const byte = this.#random.integer(0, 255);
    this.#file.push(byte);
    await this.#call("write", [byte], this.#file.length);
  }

  async #repeatAcknowledged(): Promise<void> {
    const { length } = this.#acknowledged;
    if (length > 0) await this.#repeat(this.#random.integer(0, length - 1));
  }

  async #repeat(index: number): Promise<void> {
    const call = this.#acknowledged[index];
    if (call === undefined) return;
    const { functionName, parameters, key, result } = call;
    const reply = await this.#until200(() => this.#worker.invokeRaw(functionName, parameters, key));
    assert.deepEqual(resultOf(reply), result, `${this.#name}: ${functionName} with ${key} has another result now`);
    this.repetitions += 1;
  }

  async #call(functionName: string, parameters: readonly unknown[], expected?: unknown): Promise<unknown> {
    const key = this.#key();
    const reply = await this.#until200(() => this.#worker.invokeRaw(functionName, parameters, key));
    const result = resultOf(reply);
    if (expected !== undefined) assert.deepEqual(result, expected, `${this.#name}: ${functionName} with ${key}`);
    this.#acknowledged.push({ functionName, parameters, key, result });
    this.calls += 1;
    return result;
  }

  #key(): string {
    return `${this.#name}-${this.#nextKey++}`;
  }

  /** Sends until there is an answer: only a server that goes or is gone may fail to give one. */
  async #until200(send: () => Promise<Reply>): Promise<Reply> {
    for (;;) {
      await this.#gate.open();
      const reply = await send().catch(() => undefined);
      if (reply?.status === 200) return reply;
      if (reply === undefined || JSON.stringify(reply.body).includes(stopping)) continue;
      throw new Error(`${this.#name}: ${reply.status} ${JSON.stringify(reply.body)}`);
    }
  }
}

function resultOf(reply: Reply): unknown {
  return (reply.body as { readonly result: { readonly value: readonly unknown[] } }).result.value[0];
}
