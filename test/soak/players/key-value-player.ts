/** A worker that counts in a bucket, which lies outside of it. */
import assert from "node:assert/strict";
import { insist, valueOf } from "../../support/insist.ts";
import type { Player, PlayerOptions } from "./player.ts";

const timesMax = 5;

export class KeyValuePlayer implements Player {
  readonly #options: PlayerOptions;
  #nextKey = 0;
  calls = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  async run(end: AbortSignal): Promise<void> {
    const { client, componentId, name, random, gate } = this.#options;
    const worker = client.worker(componentId, name);
    while (!end.aborted) {
      const times = random.integer(1, timesMax);
      const expected = Array.from({ length: times }, (_, index) => this.calls + index + 1);
      const key = `${name}-${this.#nextKey++}`;
      const counts = valueOf(await insist(gate, () => worker.invokeRaw("count", [name, times], key)));
      assert.deepEqual(counts, expected, key);
      this.calls += times;
    }
  }

  async verify(): Promise<void> {
    const { client, componentId, name } = this.#options;
    assert.equal(await client.worker(componentId, `${name}-witness`).invoke("counted", [name]), this.calls);
  }
}
