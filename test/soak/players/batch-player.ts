/** Sends batches of calls to some workers; lines without an answer are sent again with their keys. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { insist, isExcuse } from "../../support/insist.ts";
import type { Player, PlayerOptions } from "./player.ts";

const workers = 8;
const linesMax = 200;
const restMs = 300;

interface Line {
  readonly id: number;
  readonly worker: string;
  readonly function: "add";
  readonly params: readonly [number];
  readonly idempotencyKey: string;
}

interface Answer {
  readonly id: number;
  readonly result?: { readonly value: readonly [number] };
}

export class BatchPlayer implements Player {
  readonly #options: PlayerOptions;
  readonly #sums = new Map<string, number>();
  #nextId = 0;
  calls = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  async run(end: AbortSignal): Promise<void> {
    while (!end.aborted) {
      const open = new Map(this.#lines().map((line) => [line.id, line]));
      while (open.size > 0) for (const { id } of await this.#send([...open.values()])) open.delete(id);
      await delay(restMs);
    }
  }

  async verify(): Promise<void> {
    const { client, componentId } = this.#options;
    for (const [worker, sum] of this.#sums) {
      assert.equal(await client.worker(componentId, worker).invoke("sum"), sum, worker);
    }
  }

  #lines(): readonly Line[] {
    const { random, name } = this.#options;
    return Array.from({ length: random.integer(1, linesMax) }, () => {
      const worker = `${name}-${random.integer(0, workers - 1)}`;
      const amount = random.integer(1, 1000);
      this.#sums.set(worker, (this.#sums.get(worker) ?? 0) + amount);
      this.calls += 1;
      const id = this.#nextId++;
      return { id, worker, function: "add", params: [amount], idempotencyKey: `${name}-${id}` };
    });
  }

  /** The answers that came before the end of the connection. */
  async #send(lines: readonly Line[]): Promise<readonly Answer[]> {
    const { client, componentId, gate } = this.#options;
    const body = lines.map((line) => JSON.stringify(line)).join("\n");
    const reply = await insist(gate, () => client.lines(`/v1/components/${componentId}/invocations`, body));
    const answers = reply.body as readonly Answer[];
    const failed = answers.filter(({ result }) => result === undefined).map((answer) => JSON.stringify(answer));
    assert.deepEqual(
      failed.filter((text) => !isExcuse(text)),
      [],
    );
    return answers.filter(({ result }) => result !== undefined);
  }
}
