/** Workers that come, work and go, while somebody looks on: what they took is free again. */
import assert from "node:assert/strict";
import { insist } from "../../support/insist.ts";
import type { Player, PlayerOptions } from "./player.ts";

const callsMax = 20;

export class VisitorPlayer implements Player {
  readonly #options: PlayerOptions;
  #visits = 0;
  calls = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  async run(end: AbortSignal): Promise<void> {
    const { client, componentId, gate, random } = this.#options;
    while (!end.aborted) {
      const name = this.#name(this.#visits);
      const worker = client.worker(componentId, name);
      const calls = random.integer(1, callsMax);
      for (let call = 0; call < calls; call += 1) {
        await insist(gate, () => worker.invokeRaw("write", [call], `${name}-${call}`));
        this.calls += 1;
      }
      for (const look of [`?filter=name%20%3D%20${name}`, `/${name}/oplog?count=50`]) {
        await insist(gate, () => client.send("GET", `/v1/components/${componentId}/workers${look}`));
      }
      // A deletion that a kill left unanswered may have been done.
      await insist(
        gate,
        () => worker.send("DELETE", ""),
        ({ status }) => status === 200 || status === 404,
      );
      this.#visits += 1;
    }
  }

  async verify(): Promise<void> {
    const { client, componentId } = this.#options;
    for (const visit of [0, this.#visits - 1].filter((each) => each >= 0)) {
      const reply = await client.worker(componentId, this.#name(visit)).send("GET", "");
      assert.equal(reply.status, 404);
    }
  }

  #name(visit: number): string {
    return `${this.#options.name}-${visit}`;
  }
}
