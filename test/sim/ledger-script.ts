/** What one client asks of one ledger worker, step by step, and what must come of it. */
import assert from "node:assert/strict";
import type { WorkerId } from "../../packages/server/src/platform/worker-id.ts";
import type { ReplyValue, Request } from "../../packages/server/src/worker/messages.ts";
import { WorkerError } from "../../packages/server/src/worker/worker-error.ts";
import type { SeededRandom } from "../support/seeded-random.ts";
import { CrashError } from "./world.ts";
import type { World } from "./world.ts";

export type Step =
  | { readonly kind: "add" | "enqueue" | "sleep" | "write" | "spin"; readonly value: number }
  | { readonly kind: "ask"; readonly value: number; readonly complete: "before" | "meanwhile" }
  /** Several invocations at once, in whatever order they come. */
  | { readonly kind: "crowd"; readonly values: readonly number[] }
  | { readonly kind: "interrupt"; readonly recoverImmediately: boolean; readonly sleepMs: number };

export interface Acknowledged {
  readonly key: string;
  readonly functionName: string;
  readonly parameters: readonly unknown[];
  readonly result: unknown;
}

export class LedgerScript {
  readonly id: WorkerId;
  readonly #world: World;
  readonly #steps: readonly Step[];
  readonly #acknowledged: Acknowledged[] = [];
  #nextKey = 0;
  #sum = 0;
  readonly #file: number[] = [];

  constructor(world: World, id: WorkerId, steps: readonly Step[]) {
    this.#world = world;
    this.id = id;
    this.#steps = steps;
  }

  get acknowledged(): readonly Acknowledged[] {
    return this.#acknowledged;
  }

  async run(): Promise<void> {
    for (const step of this.#steps) await this.#take(step);
  }

  /** Asks for everything again, by its key: the results are the ones that were given. */
  async verify(): Promise<void> {
    for (const { key, functionName, parameters, result } of this.#acknowledged) {
      assert.deepEqual(await this.#invoke(functionName, parameters, key), result, `${functionName} with ${key}`);
    }
    assert.equal(await this.#call("sum", []), this.#sum);
    assert.deepEqual(await this.#call("read", []), this.#file);
  }

  async #take(step: Step): Promise<void> {
    switch (step.kind) {
      case "add":
        this.#sum += step.value;
        await this.#call("add", [step.value], this.#sum);
        return;
      case "enqueue":
        await this.#enqueue(step.value);
        return;
      case "sleep":
        this.#sum += 1;
        await this.#call("sleep", [step.value], this.#sum);
        return;
      case "spin":
        await this.#call("spin", [step.value], step.value);
        return;
      case "write":
        this.#file.push(step.value);
        await this.#call("write", [step.value], this.#file.length);
        return;
      case "ask":
        await this.#ask(step.value, step.complete);
        return;
      case "crowd":
        this.#sum += step.values.reduce((total, value) => total + value, 0);
        await Promise.all(step.values.map((value) => this.#call("add", [value])));
        return;
      case "interrupt":
        this.#sum += 1;
        await this.#interrupt(step.recoverImmediately, step.sleepMs);
        return;
    }
  }

  async #enqueue(value: number): Promise<void> {
    this.#sum += value;
    const key = this.#key();
    await this.#repeat(this.#invocation("add", [value], key, false));
    this.#acknowledged.push({ key, functionName: "add", parameters: [value], result: this.#sum });
  }

  async #ask(value: number, when: "before" | "meanwhile"): Promise<void> {
    const oplogIndex = Number(await this.#call("ask", []));
    this.#sum += value;
    const promise = { worker: this.id, oplogIndex };
    const complete = async (): Promise<void> => {
      await this.#repeat({ kind: "complete-promise", promise, data: Uint8Array.of(value) });
    };
    if (when === "before") await complete();
    const receive = this.#call("receive", [], this.#sum);
    if (when === "meanwhile") await complete();
    await receive;
  }

  /** Stops a sleep and has it go on: an interruption ends the call for its client, which asks again. */
  async #interrupt(recoverImmediately: boolean, sleepMs: number): Promise<void> {
    const sleep = this.#call("sleep", [sleepMs], this.#sum);
    await this.#repeat({ kind: "interrupt", worker: this.id, recoverImmediately });
    await sleep;
  }

  async #call(functionName: string, parameters: readonly unknown[], expected?: unknown): Promise<unknown> {
    const key = this.#key();
    const result = await this.#invoke(functionName, parameters, key);
    if (expected !== undefined) assert.deepEqual(result, expected, `${functionName} with ${key}`);
    this.#acknowledged.push({ key, functionName, parameters, result });
    return result;
  }

  async #invoke(functionName: string, parameters: readonly unknown[], key: string): Promise<unknown> {
    const text = await this.#repeat(this.#invocation(functionName, parameters, key, true));
    assert.ok(typeof text === "string");
    const { result } = JSON.parse(text) as { readonly result: { readonly value: readonly unknown[] } };
    return result.value[0];
  }

  #invocation(functionName: string, parameters: readonly unknown[], key: string, awaitResult: boolean): Request {
    return {
      kind: "invoke",
      worker: this.id,
      latestVersion: 0,
      functionName,
      body: JSON.stringify({ params: parameters }),
      idempotencyKey: key,
      awaitResult,
    };
  }

  /** Until it is answered: a lost process and an interrupted call are reasons to ask again, and nothing else is. */
  async #repeat(request: Request): Promise<ReplyValue> {
    for (;;) {
      try {
        return await this.#world.request(request);
      } catch (error) {
        if (error instanceof CrashError) continue;
        if (request.kind === "invoke" && isInterruption(error)) continue;
        // Nothing of the worker was durable when the process was lost.
        if (request.kind === "interrupt" && error instanceof WorkerError && error.data.kind === "not-found") return;
        throw error;
      }
    }
  }

  #key(): string {
    return `${this.id.workerName}-${this.#nextKey++}`;
  }
}

function isInterruption(error: unknown): boolean {
  return error instanceof WorkerError && error.data.kind === "golem" && error.data.error.type === "Interrupted";
}

export function randomSteps(random: SeededRandom, count: number): readonly Step[] {
  const sleepMs = (): number => random.pick([5, 50, 299, 300, 1000, 100_000]);
  const value = (): number => random.integer(1, 200);
  const makers = [
    (): Step => ({ kind: "add", value: value() }),
    (): Step => ({ kind: "enqueue", value: value() }),
    (): Step => ({ kind: "sleep", value: sleepMs() }),
    (): Step => ({ kind: "write", value: value() }),
    (): Step => ({ kind: "ask", value: value(), complete: random.pick(["before", "meanwhile"]) }),
    (): Step => ({ kind: "crowd", values: [value(), value(), value()] }),
    (): Step => ({ kind: "interrupt", recoverImmediately: random.integer(0, 1) === 0, sleepMs: sleepMs() }),
  ] as const;
  return Array.from({ length: count }, () => random.pick(makers)());
}
