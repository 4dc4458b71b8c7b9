/** What one client asks of one ledger worker, step by step, and what must come of it. */
import assert from "node:assert/strict";
import { decodeDetail } from "../../packages/server/src/durability/row.ts";
import { isStoreError } from "../../packages/server/src/platform/store-error.ts";
import type { WorkerId } from "../../packages/server/src/platform/worker-id.ts";
import type { ReplyValue, Request } from "../../packages/server/src/worker/messages.ts";
import { WorkerError } from "../../packages/server/src/worker/worker-error.ts";
import type { SeededRandom } from "../support/seeded-random.ts";
import { CrashError } from "./world.ts";
import type { World } from "./world.ts";

export type Step =
  | { readonly kind: "add" | "enqueue" | "sleep" | "write" | "spin"; readonly value: number }
  /** The promise is completed so many steps after it began to be waited for; undefined: before. */
  | { readonly kind: "ask"; readonly value: number; readonly ticks: number | undefined }
  /** A sleep that nobody waits for: the worker must wake and finish without being asked for anything. */
  | { readonly kind: "background"; readonly sleepMs: number }
  /** Several invocations at once, in whatever order they come. */
  | { readonly kind: "crowd"; readonly values: readonly number[] }
  /** A sleep is stopped, so many steps after it was asked for. */
  | {
      readonly kind: "interrupt";
      readonly recoverImmediately: boolean;
      readonly sleepMs: number;
      readonly ticks: number;
    }
  /** Deleted with invocations under way; what follows is asked of a new worker. */
  | { readonly kind: "delete"; readonly ticks: number }
  /** An invocation that traps at every attempt, interrupted after so many steps, and what a failed worker says then. */
  | { readonly kind: "fail"; readonly ticks: number | undefined };

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
  #acknowledged: Acknowledged[] = [];
  #nextKey = 0;
  #sum = 0;
  #file: number[] = [];

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
      case "background":
        await this.#background(step.sleepMs);
        return;
      case "ask":
        await this.#ask(step.value, step.ticks);
        return;
      case "crowd":
        this.#sum += step.values.reduce((total, value) => total + value, 0);
        await Promise.all(step.values.map((value) => this.#call("add", [value])));
        return;
      case "interrupt":
        this.#sum += 1;
        await this.#interrupt(step);
        return;
      case "delete":
        await this.#enqueue(1);
        await this.#repeat(this.#invocation("sleep", [1000], this.#key(), false));
        await this.#world.ticks(step.ticks);
        await this.#delete();
        return;
      case "fail":
        await this.#fail(step.ticks);
        return;
    }
  }

  async #enqueue(value: number): Promise<void> {
    this.#sum += value;
    const key = this.#key();
    await this.#repeat(this.#invocation("add", [value], key, false));
    this.#acknowledged.push({ key, functionName: "add", parameters: [value], result: this.#sum });
  }

  async #background(sleepMs: number): Promise<void> {
    this.#sum += 1;
    const key = this.#key();
    await this.#repeat(this.#invocation("sleep", [sleepMs], key, false));
    this.#acknowledged.push({ key, functionName: "sleep", parameters: [sleepMs], result: this.#sum });
    // Only looks at the index: a call would wake the worker.
    for (;;) {
      const row = await this.#world.stores.workers.get(this.id);
      if (row?.status === "Idle" && decodeDetail(row).pendingInvocationCount === 0) return;
      await this.#world.ticks(1);
    }
  }

  async #ask(value: number, ticks: number | undefined): Promise<void> {
    const oplogIndex = Number(await this.#call("ask", []));
    this.#sum += value;
    const promise = { worker: this.id, oplogIndex };
    const complete = async (): Promise<void> => {
      await this.#repeat({ kind: "complete-promise", promise, data: Uint8Array.of(value) });
    };
    if (ticks === undefined) await complete();
    const receive = this.#call("receive", [], this.#sum);
    if (ticks !== undefined) await this.#world.ticks(ticks).then(complete);
    await receive;
  }

  /** Stops a sleep and has it go on: an interruption ends the call for its client, which resumes and asks again. */
  async #interrupt(step: Extract<Step, { readonly kind: "interrupt" }>): Promise<void> {
    const sleep = this.#call("sleep", [step.sleepMs], this.#sum);
    sleep.catch(() => undefined);
    await this.#world.ticks(step.ticks);
    await this.#repeat({ kind: "interrupt", worker: this.id, recoverImmediately: step.recoverImmediately });
    await sleep;
  }

  async #fail(ticks: number | undefined): Promise<void> {
    const failed = this.#refused("fail", "RuntimeError");
    if (ticks !== undefined) {
      await this.#world.ticks(ticks);
      await this.#repeat({ kind: "interrupt", worker: this.id, recoverImmediately: false });
    }
    await failed;
    await this.#refused("sum", "PreviousInvocationFailed");
    await this.#delete();
  }

  async #refused(functionName: string, type: string): Promise<void> {
    const key = this.#key();
    const error = await this.#repeat(this.#invocation(functionName, [], key, true)).catch((reason: unknown) => reason);
    assert.ok(error instanceof WorkerError && error.data.kind === "golem", String(error));
    assert.equal(error.data.error.type, type, error.message);
  }

  async #delete(): Promise<void> {
    await this.#repeat({ kind: "delete", worker: this.id });
    this.#sum = 0;
    this.#file = [];
    this.#acknowledged = [];
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
      input: JSON.stringify({ params: parameters }),
      idempotencyKey: key,
      awaitResult,
    };
  }

  /** Until it is answered: a lost process, one that stops, a full disk and an interrupted call are reasons to ask again, no other is. */
  async #repeat(request: Request): Promise<ReplyValue> {
    for (;;) {
      try {
        return await this.#world.request(request);
      } catch (error) {
        if (isNotFound(error) && (request.kind === "interrupt" || request.kind === "delete")) return;
        if (isInterruption(error)) await this.#resume();
        else if (!(error instanceof CrashError) && !isRefused(error)) throw error;
        await this.#world.ticks(1);
      }
    }
  }

  async #resume(): Promise<void> {
    await this.#world.request({ kind: "resume", worker: this.id }).catch((error: unknown) => {
      // It goes on already, or the process is gone.
      if (!(error instanceof CrashError) && !(error instanceof WorkerError)) throw error;
    });
  }

  #key(): string {
    return `${this.id.workerName}-${this.#nextKey++}`;
  }
}

function isInterruption(error: unknown): boolean {
  return error instanceof WorkerError && error.data.kind === "golem" && error.data.error.type === "Interrupted";
}

function isNotFound(error: unknown): boolean {
  return error instanceof WorkerError && error.data.kind === "not-found";
}

/** The store said that it is full; or, of an append that builds on a refused one, that it doesn't fit; or all ends. */
function isRefused(error: unknown): boolean {
  return (
    isStoreError(error) || (error instanceof WorkerError && /disk is full|next index|is stopping/u.test(error.message))
  );
}

export function randomSteps(random: SeededRandom, count: number): readonly Step[] {
  const sleepMs = (): number => random.pick([5, 50, 299, 300, 1000, 100_000]);
  const value = (): number => random.integer(1, 200);
  const makers = [
    (): Step => ({ kind: "add", value: value() }),
    (): Step => ({ kind: "enqueue", value: value() }),
    (): Step => ({ kind: "sleep", value: sleepMs() }),
    (): Step => ({ kind: "background", sleepMs: sleepMs() }),
    (): Step => ({ kind: "write", value: value() }),
    (): Step => ({ kind: "ask", value: value(), ticks: random.pick([undefined, 0, 1, 3, 8]) }),
    (): Step => ({ kind: "crowd", values: [value(), value(), value()] }),
    (): Step => ({
      kind: "interrupt",
      recoverImmediately: random.integer(0, 1) === 0,
      sleepMs: sleepMs(),
      ticks: random.integer(0, 6),
    }),
    (): Step => ({ kind: "delete", ticks: random.integer(0, 6) }),
    (): Step => ({ kind: "fail", ticks: random.pick([undefined, 0, 1, 3, 8]) }),
  ] as const;
  return Array.from({ length: count }, () => random.pick(makers)());
}
