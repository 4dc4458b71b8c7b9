/** A worker that is called while it is updated to the other version and back, again and again. */
import assert from "node:assert/strict";
import { endedUpdates, update } from "../../support/account.ts";
import { insist, valueOf } from "../../support/insist.ts";
import type { Player, PlayerOptions } from "./player.ts";

const callsBetweenUpdates = 100;
const known = /already at the target version|already in progress/u;

export class AccountPlayer implements Player {
  readonly #options: PlayerOptions;
  #nextKey = 0;
  #sum = 0;
  #updates = 0;
  calls = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  async run(end: AbortSignal): Promise<void> {
    // The newest version is what a worker begins with.
    await this.#add();
    while (!end.aborted) {
      await Promise.all([this.#update(), this.#addMany(end)]);
    }
  }

  async verify(): Promise<void> {
    const { componentVersion, status, pendingInvocationCount } = await this.#worker.metadata();
    assert.deepEqual([componentVersion, status, pendingInvocationCount], [this.#versionNow, "Idle", 0]);
    assert.equal(await this.#worker.invoke("version"), this.#versionNow + 1);
    assert.equal(await this.#worker.invoke("sum"), this.#sum);
  }

  get #worker(): ReturnType<PlayerOptions["client"]["worker"]> {
    return this.#options.client.worker(this.#options.componentId, this.#options.name);
  }

  get #versionNow(): number {
    return (this.#updates + 1) % 2;
  }

  async #addMany(end: AbortSignal): Promise<void> {
    for (let call = 0; call < callsBetweenUpdates && !end.aborted; call += 1) await this.#add();
  }

  async #add(): Promise<void> {
    const { gate, random, name } = this.#options;
    const amount = random.integer(1, 1000);
    const key = `${name}-${this.#nextKey++}`;
    const sleepMs = random.integer(1, 60);
    const sum = valueOf(await insist(gate, () => this.#worker.invokeRaw("slow-add", [amount, sleepMs], key)));
    this.#sum += amount;
    assert.equal(sum, this.#sum, key);
    this.calls += 1;
  }

  async #update(): Promise<void> {
    this.#updates += 1;
    const target = this.#versionNow;
    await insist(
      this.#options.gate,
      () => update(this.#worker, target, "Manual"),
      ({ status, body }) => status === 200 || known.test(JSON.stringify(body)),
    );
    const updates = await this.#ended();
    assert.deepEqual([updates.length, updates.at(-1)?.targetVersion], [this.#updates, target], this.#options.name);
  }

  async #ended(): Promise<Awaited<ReturnType<typeof endedUpdates>>> {
    for (;;) {
      await this.#options.gate.open();
      // Its metadata can't be had while the server is away.
      const updates = await endedUpdates(this.#worker, this.#updates).catch(() => undefined);
      if (updates !== undefined) return updates;
    }
  }
}
