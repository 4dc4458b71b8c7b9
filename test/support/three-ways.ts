/**
 * Runs what a guest does three ways, against a real server: live; killed (SIGKILL) when it is done, and replayed; and
 * killed at moments in its midst, loaded from a memory snapshot of before, and asked for again with the same key.
 *
 * ```ts
 * threeWays("keyvalue", {
 *   "counts a key up": { call: "count", parameters: (worker) => [worker, 3], expected: 3 },
 * });
 * ```
 */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { WorkerClient } from "./client.ts";
import { Client } from "./client.ts";
import { jsGuest } from "./js-guest.ts";
import { eventually } from "./poll.ts";
import { TestServer } from "./server.ts";

export interface Behaviour {
  /** The exported function that is called: `run`, or `test:guest/api.{run}`. */
  readonly call: string;
  /** Given the worker's name, which no other run has, for things that workers share. */
  readonly parameters?: (workerName: string) => readonly unknown[];
  /** The result in every way; a function checks it instead. */
  readonly expected: unknown;
  /** An exported function without parameters that tells what the guest remembers; `observe` if not given. */
  readonly observe?: string;
  /** What `observe` gives after the call in every way; a function checks it instead. */
  readonly remembered?: unknown;
  /** Brings what lies outside of the server to its beginning: before it is run live, and before it is run to be killed. */
  readonly prepare?: () => Promise<void> | void;
  /** Checks what lies outside of the server, for each worker that has run. */
  readonly verify?: (way: Way, workerName: string) => Promise<void> | void;
  /** Kills when this becomes true for a single worker, instead of at moments spread over the call. */
  readonly killWhen?: (workerName: string) => Promise<boolean> | boolean;
}

export type Way = "live" | "killed and replayed" | "killed in the midst";

export interface ThreeWaysOptions {
  /** Further command-line flags of the server. */
  readonly flags?: readonly string[];
  /** The component; the JavaScript guest of the suite's name if not given. */
  readonly component?: () => Promise<Uint8Array>;
}

/** What the tests of a suite share; filled in before the first of them. */
export interface Suite {
  readonly server: TestServer;
  readonly client: Client;
  readonly componentId: string;
}

/** Where in the call the kill comes, as parts of the time that the call takes undisturbed. */
const moments = [0, 0.15, 0.3, 0.5, 0.7, 0.85, 1];

function check(actual: unknown, expected: unknown): void {
  if (typeof expected === "function") (expected as (value: unknown) => void)(actual);
  else assert.deepEqual(actual, expected);
}

/** One run of a behaviour by a worker of its own. */
class Run {
  readonly #behaviour: Behaviour;
  readonly #worker: WorkerClient;
  readonly #parameters: readonly unknown[];
  readonly name: string = `worker-${crypto.randomUUID().slice(0, 8)}`;

  private constructor(suite: Suite, behaviour: Behaviour) {
    this.#behaviour = behaviour;
    this.#worker = suite.client.worker(suite.componentId, this.name);
    this.#parameters = behaviour.parameters?.(this.name) ?? [];
  }

  /** The worker is loaded already, so that what takes time is the call itself. */
  static async prepare(suite: Suite, behaviour: Behaviour): Promise<Run> {
    const run = new Run(suite, behaviour);
    await run.observe();
    return run;
  }

  async call(): Promise<void> {
    const { call, expected } = this.#behaviour;
    check(await this.#worker.invoke(call, this.#parameters, "call"), expected);
  }

  /** Calls without caring for the answer, which may never come. */
  async callUntilKilled(): Promise<void> {
    await this.#worker.invokeRaw(this.#behaviour.call, this.#parameters, "call").catch(() => undefined);
  }

  async observe(): Promise<unknown> {
    return await this.#worker.invoke(this.#behaviour.observe ?? "observe");
  }

  async checkAfter(way: Way): Promise<void> {
    const { remembered, verify } = this.#behaviour;
    const observed = await this.observe();
    if (remembered !== undefined) check(observed, remembered);
    await verify?.(way, this.name);
  }
}

/** Several workers begin one after another, so that one kill hits each at another moment of its call. */
async function killAtMoments(suite: Suite, behaviour: Behaviour, durationMs: number): Promise<readonly Run[]> {
  const runs = await Promise.all(moments.map(() => Run.prepare(suite, behaviour)));
  const calls = runs.map(async (run, index) => {
    await delay((1 - (moments[index] ?? 0)) * durationMs);
    await run.callUntilKilled();
  });
  await delay(durationMs);
  await suite.server.restart();
  await Promise.all(calls);
  return runs;
}

async function killWhenTrue(
  suite: Suite,
  behaviour: Behaviour,
  killWhen: NonNullable<Behaviour["killWhen"]>,
): Promise<readonly Run[]> {
  const run = await Run.prepare(suite, behaviour);
  const call = run.callUntilKilled();
  await eventually(async () => await killWhen(run.name), "the moment to kill comes");
  await suite.server.restart();
  await call;
  return [run];
}

/** A worker is saved whenever it rests. */
const eagerSnapshots = ["--memory-snapshot-entries", "1"];

function testBehaviour(suite: Suite, name: string, behaviour: Behaviour): void {
  const { prepare, killWhen } = behaviour;
  describe(name, () => {
    let run: Run;
    let durationMs = 0;
    test("live", async () => {
      await prepare?.();
      run = await Run.prepare(suite, behaviour);
      const startedAt = performance.now();
      await run.call();
      durationMs = performance.now() - startedAt;
      await run.checkAfter("live");
    });
    test("killed and replayed", async () => {
      const remembered = await run.observe();
      await suite.server.kill();
      // Without them all of the history is replayed. Workers that are killed in the midst begin with theirs.
      await rm(join(suite.server.dataDirectory, "memory-snapshots"), { recursive: true, force: true });
      await suite.server.start();
      assert.deepEqual(await run.observe(), remembered);
      await run.checkAfter("killed and replayed");
    });
    test("killed in the midst", async () => {
      await prepare?.();
      const runs =
        killWhen === undefined
          ? await killAtMoments(suite, behaviour, durationMs)
          : await killWhenTrue(suite, behaviour, killWhen);
      for (const each of runs) {
        await each.call();
        await each.checkAfter("killed in the midst");
      }
    });
  });
}

/** Declares a suite of behaviours of one guest, which share a server. */
export function threeWays(
  guest: string,
  behaviours: { readonly [name: string]: Behaviour },
  options: ThreeWaysOptions = {},
): Suite {
  const shared: { server?: TestServer; client?: Client; componentId?: string } = {};
  const given = <T>(value: T | undefined): T => {
    assert.ok(value !== undefined, "a suite's server runs within its tests only");
    return value;
  };
  const suite: Suite = {
    get server(): TestServer {
      return given(shared.server);
    },
    get client(): Client {
      return given(shared.client);
    },
    get componentId(): string {
      return given(shared.componentId);
    },
  };
  describe(guest, () => {
    before(async () => {
      const component = await (options.component?.() ?? jsGuest(guest));
      const server = await TestServer.start({ flags: [...(options.flags ?? []), ...eagerSnapshots] });
      shared.server = server;
      shared.client = new Client(() => server.url);
      shared.componentId = await shared.client.upload(guest, component);
    });
    after(() => shared.server?.[Symbol.asyncDispose]());
    for (const [name, behaviour] of Object.entries(behaviours)) testBehaviour(suite, name, behaviour);
  });
  return suite;
}
