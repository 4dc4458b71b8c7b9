/**
 * Many workers are updated while clients call them, and the server is killed in the midst: no call is lost, none is made
 * twice, and each worker runs the version that its record says.
 */
import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { account, endedUpdates, uploadAccounts, uploadVersion } from "../support/account.ts";
import type { Reply, WorkerClient } from "../support/client.ts";
import { Client } from "../support/client.ts";
import { insist, valueOf } from "../support/insist.ts";
import type { Gate } from "../support/insist.ts";
import { SeededRandom, seedOfRun } from "../support/seeded-random.ts";
import { TestServer } from "../support/server.ts";

const workers = Number(process.env["EMET_CRASH_UPDATED"] ?? 500);
const kills = Number(process.env["EMET_CRASH_KILLS"] ?? 2);
/** Workers that are called and updated at the same time; the others wait for their turn. */
const concurrent = 64;
const callsMin = 6;
const killDelayMs = [200, 2000] as const;
const timeoutMs = 240_000 + kills * 20_000;
const target = 1;

type Mode = "Automatic" | "Manual";

/** One worker with the client that calls it. */
class Account {
  readonly #worker: WorkerClient;
  readonly #random: SeededRandom;
  readonly #gate: Gate;
  readonly mode: Mode;
  #sum = 0;
  #nextKey = 0;
  readonly #answers = new Map<string, { readonly amount: number; readonly sum: number }>();

  constructor(worker: WorkerClient, random: SeededRandom, gate: Gate) {
    this.#worker = worker;
    this.#random = random;
    this.#gate = gate;
    this.mode = random.pick(["Automatic", "Manual"] as const);
  }

  /** Calls and updates at the same time, then looks at what came of it. */
  async run(): Promise<void> {
    await this.#add();
    const progress = { updated: false };
    const updating = this.#update().then(() => {
      progress.updated = true;
    });
    for (let calls = 0; calls < callsMin || !progress.updated; calls += 1) await this.#add();
    await updating;
    await this.#add();
  }

  async verify(): Promise<void> {
    const updates = await endedUpdates(this.#worker, 1);
    assert.deepEqual(
      updates.map(({ type, targetVersion }) => [type, targetVersion]),
      [["successfulUpdate", target]],
      this.#worker.path,
    );
    const { componentVersion, status, pendingInvocationCount } = await this.#worker.metadata();
    assert.deepEqual([componentVersion, status, pendingInvocationCount], [target, "Idle", 0]);
    assert.equal(await this.#worker.invoke("version"), 2);
    assert.equal(await this.#worker.invoke("sum"), this.#sum);
    assert.equal(await this.#worker.invoke("loads"), this.mode === "Manual" ? 1 : 0);
    // What was answered before the update is answered so after it.
    const [first, last] = [[...this.#answers][0], [...this.#answers].at(-1)];
    for (const [key, { amount, sum }] of [first, last].filter((each) => each !== undefined)) {
      assert.equal(await this.#worker.invoke("add", [amount], key), sum);
    }
  }

  get calls(): number {
    return this.#answers.size;
  }

  async #add(): Promise<void> {
    const amount = this.#random.integer(1, 1000);
    const key = `${this.#worker.path}-${this.#nextKey++}`;
    const slow = this.#random.integer(1, 4) === 1;
    const call = (): Promise<Reply> =>
      slow
        ? this.#worker.invokeRaw("slow-add", [amount, this.#random.integer(1, 30)], key)
        : this.#worker.invokeRaw("add", [amount], key);
    const sum = Number(valueOf(await insist(this.#gate, call)));
    this.#sum += amount;
    assert.equal(sum, this.#sum, `${this.#worker.path} with ${key}`);
    if (!slow) this.#answers.set(key, { amount, sum });
  }

  /** Asked for until it is acknowledged: what a kill left unanswered may have been done, and is refused then. */
  async #update(): Promise<void> {
    const known = /already at the target version|already in progress/u;
    await insist(
      this.#gate,
      () => this.#worker.send("POST", "/update", { mode: this.mode, targetVersion: target }),
      ({ status, body }) => status === 200 || known.test(JSON.stringify(body)),
    );
  }
}

/** Runs `work` for all of them, so many at a time. */
async function forAll<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: concurrent }, async () => {
      for (const item of left) await work(item);
    }),
  );
}

it(`${workers} workers are updated under load, with ${kills} kills`, { timeout: timeoutMs }, async (context) => {
  const seed = seedOfRun();
  context.diagnostic(`seed ${seed} (EMET_SEED)`);
  const random = new SeededRandom(seed);
  await using server = await TestServer.start();
  const client = new Client(() => server.url);
  const id = await uploadAccounts(client, [{ version: 1 }]);
  let up = Promise.resolve();
  const ended = new AbortController();
  const gate: Gate = {
    open: async () => {
      await up;
      ended.signal.throwIfAborted();
    },
  };
  const accounts = Array.from(
    { length: workers },
    (_, index) => new Account(client.worker(id, `account-${index}`), new SeededRandom(seed + index + 1), gate),
  );
  await forAll(
    Array.from({ length: workers }, (_, index) => client.worker(id, `account-${index}`)),
    async (worker) => {
      await worker.invoke("add", [0]);
    },
  );
  await uploadVersion(client, id, await account({ version: 2 }));
  const killing = (async () => {
    for (let count = 0; count < kills; count += 1) {
      await delay(random.integer(...killDelayMs));
      if (ended.signal.aborted) return;
      const started = Promise.withResolvers<void>();
      up = started.promise;
      await server.kill();
      await server.start();
      started.resolve();
    }
  })();
  try {
    await forAll(accounts, (each) => each.run());
    await killing;
    await forAll(accounts, (each) => each.verify());
  } catch (error) {
    ended.abort(error);
    // The server must not start once more after this test.
    await killing.catch(() => undefined);
    throw new Error(`failed with EMET_SEED=${seed}; the server said: ${server.errors}`, { cause: error });
  }
  const manual = accounts.filter(({ mode }) => mode === "Manual").length;
  const calls = accounts.reduce((total, each) => total + each.calls, 0);
  context.diagnostic(`${workers} workers, ${manual} of them by snapshots, ${calls} calls, ${kills} kills`);
});
