/** What loads a server in a soak: something that makes calls as long as it may, and then knows what must be there. */
import type { Client } from "../../support/client.ts";
import type { Gate } from "../../support/insist.ts";
import type { SeededRandom } from "../../support/seeded-random.ts";

export interface Player {
  /** How many calls were acknowledged so far. */
  readonly calls: number;
  /** Calls until `end` is aborted, and waits for the answers. */
  run(end: AbortSignal): Promise<void>;
  /** Every acknowledged call is there, once. */
  verify(): Promise<void>;
}

export interface PlayerOptions {
  readonly client: Client;
  readonly gate: Gate;
  readonly random: SeededRandom;
  readonly componentId: string;
  /** Begins the names of its workers, which no other player has. */
  readonly name: string;
}
