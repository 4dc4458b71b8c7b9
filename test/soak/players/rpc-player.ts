/** A worker that calls others, in turn and at once; these count. */
import assert from "node:assert/strict";
import { insist } from "../../support/insist.ts";
import type { Player, PlayerOptions } from "./player.ts";

const callees = 3;
const callsInTurn = 4;
const callsAtOnce = 3;
const sleepsMs = [0, 0, 30, 200] as const;

export class RpcPlayer implements Player {
  readonly #options: PlayerOptions;
  #nextKey = 0;
  /** What each of the workers that are called must have counted. */
  readonly #expected = new Map<string, number>();
  calls = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  async run(end: AbortSignal): Promise<void> {
    const { random, name } = this.#options;
    while (!end.aborted) {
      const callee = `${name}-callee-${random.integer(0, callees - 1)}`;
      if (random.integer(0, 1) === 0) {
        await this.#call("call-in-turn", [callee, callsInTurn, random.pick(sleepsMs)]);
        this.#expect(callee, callsInTurn);
      } else {
        await this.#call("call-at-once", [callee, callsAtOnce, random.pick(sleepsMs)]);
        for (let index = 0; index < callsAtOnce; index += 1) this.#expect(`${callee}-${index}`, 1);
      }
    }
  }

  async verify(): Promise<void> {
    const { client, componentId } = this.#options;
    for (const [callee, expected] of this.#expected) {
      assert.equal(await client.worker(componentId, callee).invoke("total"), expected, callee);
    }
  }

  async #call(functionName: string, parameters: readonly unknown[]): Promise<void> {
    const { client, componentId, name, gate } = this.#options;
    const key = `${name}-${this.#nextKey++}`;
    await insist(gate, () => client.worker(componentId, name).invokeRaw(functionName, parameters, key));
  }

  #expect(callee: string, calls: number): void {
    this.calls += calls;
    this.#expected.set(callee, (this.#expected.get(callee) ?? 0) + calls);
  }
}
