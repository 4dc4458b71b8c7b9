/**
 * Runs what a guest does three ways, against a real server: live; killed (SIGKILL) when it is done, and replayed; and
 * killed at moments in its midst, then asked for again with the same idempotency key.
 *
 * ```ts
 * threeWays("keyvalue", {
 *   "counts a key up": { call: "count", parameters: (worker) => [worker, 3], expected: 3 },
 * });
 * ```
 */
import assert from "node:assert/strict";
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
  /** Given a name that no other worker has, for things that workers share. */
  readonly parameters?: (workerName: string) => readonly unknown[];
  /** The result in every way; a function checks it instead. */
  readonly expected: unknown;
  /** An exported function without parameters that tells what the guest remembers; `observe` if not given. */
  readonly observe?: string;
  /** What `observe` gives after the call in every way; a function checks it instead. */
  readonly remembered?: unknown;
  /** Brings what lies outside of the server to its beginning, before each run. */
  readonly prepare?: () => Promise<void> | void;
  /** Kills once, when this becomes true, instead of at moments spread over the call. */
  readonly killWhen?: (worker: WorkerClient) => Promise<boolean> | boolean;
  /** Checks what lies outside of the server, after each run. */
  readonly verify?: (way: Way) => Promise<void> | void;
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

/** Where in the call it is killed, as parts of the time that it takes undisturbed. */
const moments = [0, 0.2, 0.5, 0.8, 1];

function check(actual: unknown, expected: unknown): void {
  if (typeof expected === "function") (expected as (value: unknown) => void)(actual);
  else assert.deepEqual(actual, expected);
}

/** One run of a behaviour by a worker of its own. */
class Run {
  readonly #suite: Suite;
  readonly #behaviour: Behaviour;
  readonly worker: WorkerClient;
  readonly #parameters: readonly unknown[];

  constructor(suite: Suite, behaviour: Behaviour) {
    this.#suite = suite;
    this.#behaviour = behaviour;
    const name = `worker-${crypto.randomUUID().slice(0, 8)}`;
    this.worker = suite.client.worker(suite.componentId, name);
    this.#parameters = behaviour.parameters?.(name) ?? [];
  }

  async call(): Promise<void> {
    const { call, expected } = this.#behaviour;
    check(await this.worker.invoke(call, this.#parameters, "call"), expected);
  }

  /** Begins the call, and kills the server after `kill` has resolved; the call may be over by then. */
  async killAfter(kill: () => Promise<void>): Promise<void> {
    const { call } = this.#behaviour;
    // The worker is there already, so that the time goes to the call itself.
    await this.observe();
    const cut = this.worker.invokeRaw(call, this.#parameters, "call").catch(() => undefined);
    await kill();
    await this.#suite.server.restart();
    await cut;
  }

  async observe(): Promise<unknown> {
    return await this.worker.invoke(this.#behaviour.observe ?? "observe");
  }

  async remembers(): Promise<void> {
    const observed = await this.observe();
    if (this.#behaviour.remembered !== undefined) check(observed, this.#behaviour.remembered);
  }
}

async function live(run: Run): Promise<void> {
  await run.call();
  await run.remembers();
}

async function replayed(run: Run, suite: Suite): Promise<void> {
  await run.call();
  const before = await run.observe();
  await suite.server.restart();
  assert.deepEqual(await run.observe(), before);
  await run.remembers();
}

function testBehaviour(suite: Suite, name: string, behaviour: Behaviour): void {
  const { prepare, verify, killWhen } = behaviour;
  const start = async (): Promise<Run> => {
    await prepare?.();
    return new Run(suite, behaviour);
  };
  describe(name, () => {
    let durationMs = 0;
    test("live", async () => {
      const run = await start();
      await run.observe();
      const startedAt = performance.now();
      await live(run);
      durationMs = performance.now() - startedAt;
      await verify?.("live");
    });
    test("killed and replayed", async () => {
      await replayed(await start(), suite);
      await verify?.("killed and replayed");
    });
    test("killed in the midst", async () => {
      const kills = killWhen === undefined ? moments : [undefined];
      for (const moment of kills) {
        const run = await start();
        await run.killAfter(async () => {
          if (moment !== undefined) await delay(moment * durationMs);
          else await eventually(async () => await killWhen?.(run.worker), "the moment to kill comes");
        });
        await run.call();
        await run.remembers();
        await verify?.("killed in the midst");
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
      const server = await TestServer.start({ flags: options.flags ?? [] });
      shared.server = server;
      shared.client = new Client(() => server.url);
      shared.componentId = await shared.client.upload(guest, component);
    });
    after(() => shared.server?.[Symbol.asyncDispose]());
    for (const [name, behaviour] of Object.entries(behaviours)) testBehaviour(suite, name, behaviour);
  });
  return suite;
}
