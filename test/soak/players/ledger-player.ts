/** One client with one worker: calls it without end, repeats what wasn't acknowledged, and knows what must come out. */
import assert from "node:assert/strict";
import type { WorkerClient } from "../../support/client.ts";
import { insist, valueOf } from "../../support/insist.ts";
import type { Gate } from "../../support/insist.ts";
import type { SeededRandom } from "../../support/seeded-random.ts";
import type { Player, PlayerOptions } from "./player.ts";

interface AcknowledgedCall {
  readonly functionName: string;
  readonly parameters: readonly unknown[];
  readonly key: string;
  readonly result: unknown;
}

/** So many acknowledged calls are remembered, a random choice of all. */
const rememberedMax = 2000;

/** Sleeps of less than the suspension threshold, and of more. */
const sleepsMs = [1, 20, 60, 350] as const;

export class LedgerPlayer implements Player {
  readonly #worker: WorkerClient;
  readonly #name: string;
  readonly #random: SeededRandom;
  readonly #gate: Gate;
  readonly #acknowledged: AcknowledgedCall[] = [];
  #last: AcknowledgedCall | undefined;
  #nextKey = 0;
  /** What a run without crashes gives. */
  #sum = 0;
  readonly #file: number[] = [];
  calls = 0;
  repetitions = 0;

  constructor({ client, componentId, gate, random, name }: PlayerOptions) {
    this.#worker = client.worker(componentId, name);
    this.#name = name;
    this.#random = random;
    this.#gate = gate;
  }

  async run(end: AbortSignal): Promise<void> {
    const steps = [this.#add, this.#add, this.#add, this.#enqueue, this.#sleep, this.#ask, this.#write] as const;
    while (!end.aborted) {
      await this.#random.pick(steps).call(this);
      if (this.#random.integer(1, 20) === 1) await this.#repeatAcknowledged();
    }
  }

  /** Its key gives its result, and the worker is as if nothing had happened. */
  async verify(): Promise<void> {
    if (this.#last !== undefined) await this.#repeat(this.#last);
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
    await insist(this.#gate, () => this.#worker.send("POST", "/invoke?function=add", { params: [amount] }, key));
    this.#remember({ functionName: "add", parameters: [amount], key, result: this.#sum });
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
      await insist(this.#gate, () => this.#worker.send("POST", "/complete", { oplogIdx, data: [byte] }));
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
    if (this.#acknowledged.length > 0) await this.#repeat(this.#random.pickAny(this.#acknowledged));
  }

  async #repeat({ functionName, parameters, key, result }: AcknowledgedCall): Promise<void> {
    const again = await this.#ask200(functionName, parameters, key);
    assert.deepEqual(again, result, `${this.#name}: ${functionName} with ${key} has another result now`);
    this.repetitions += 1;
  }

  async #call(functionName: string, parameters: readonly unknown[], expected?: unknown): Promise<unknown> {
    const key = this.#key();
    const result = await this.#ask200(functionName, parameters, key);
    if (expected !== undefined) assert.deepEqual(result, expected, `${this.#name}: ${functionName} with ${key}`);
    this.#remember({ functionName, parameters, key, result });
    return result;
  }

  async #ask200(functionName: string, parameters: readonly unknown[], key: string): Promise<unknown> {
    return valueOf(await insist(this.#gate, () => this.#worker.invokeRaw(functionName, parameters, key)));
  }

  #remember(call: AcknowledgedCall): void {
    this.calls += 1;
    this.#last = call;
    if (this.#acknowledged.length < rememberedMax) this.#acknowledged.push(call);
    else this.#acknowledged[this.#random.integer(0, rememberedMax - 1)] = call;
  }

  #key(): string {
    return `${this.#name}-${this.#nextKey++}`;
  }
}
