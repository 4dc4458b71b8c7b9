/**
 * A server under mixed load for a long time: at first its process and its executor threads are killed at random, then
 * only threads, then nothing. In the end every call that was acknowledged must be there, once.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { uploadAccounts } from "../support/account.ts";
import { Client } from "../support/client.ts";
import { textGuest } from "../support/guests.ts";
import type { Gate } from "../support/insist.ts";
import { jsGuest } from "../support/js-guest.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { TestServer } from "../support/server.ts";
import { heldBytes } from "./files.ts";
import type { HeldBytes } from "./files.ts";
import { residentBytes, slope } from "./memory.ts";
import type { MemorySample } from "./memory.ts";
import { AccountPlayer } from "./players/account-player.ts";
import { BatchPlayer } from "./players/batch-player.ts";
import { KeyValuePlayer } from "./players/key-value-player.ts";
import { LedgerPlayer } from "./players/ledger-player.ts";
import type { Player, PlayerOptions } from "./players/player.ts";
import { RpcPlayer } from "./players/rpc-player.ts";
import { VisitorPlayer } from "./players/visitor-player.ts";

export interface SoakOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Between one kill and the next, at most; a third of the time at the end has none. */
  readonly killSecondsMax: number;
  /** Multiplies the number of players. */
  readonly scale: number;
  readonly log: (line: string) => void;
}

export interface Phase {
  readonly name: string;
  readonly seconds: number;
  readonly calls: number;
  readonly processKills: number;
  readonly threadKills: number;
  /** At its end. */
  readonly residentBytes: number;
  /** Bytes an hour; undefined where the process was killed or the system doesn't tell. */
  readonly slope: number | undefined;
}

export interface SoakReport {
  readonly calls: { readonly [kind: string]: number };
  readonly phases: readonly Phase[];
  readonly held: readonly HeldBytes[];
}

/** Small limits, so that workers leave memory and are loaded again all the time. */
const flags = [
  "--executors 2",
  "--loaded-workers-max 60",
  "--idle-unload-ms 3000",
  "--suspend-after-ms 150",
  "--memory-snapshot-entries 200",
].flatMap((flag) => flag.split(" "));

const killer = fileURLToPath(new URL("thread-killer.ts", import.meta.url));

/** Each kind of player, how many there are, and the component of their workers. */
const cast = {
  ledger: { count: 24, component: "ledger", make: (options: PlayerOptions): Player => new LedgerPlayer(options) },
  rpc: { count: 4, component: "rpc", make: (options: PlayerOptions): Player => new RpcPlayer(options) },
  keyValue: { count: 3, component: "keyvalue", make: (options: PlayerOptions): Player => new KeyValuePlayer(options) },
  account: { count: 6, component: "account", make: (options: PlayerOptions): Player => new AccountPlayer(options) },
  batch: { count: 2, component: "ledger", make: (options: PlayerOptions): Player => new BatchPlayer(options) },
  visitor: { count: 2, component: "ledger", make: (options: PlayerOptions): Player => new VisitorPlayer(options) },
} as const;

type Kind = keyof typeof cast;
const kinds = Object.keys(cast) as readonly Kind[];

/** The part of a phase after its beginning in which memory is looked at. */
const settled = 0.25;
const hour = 3600;

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const nodeFlags = ["--import", killer];
  await using server = await TestServer.start({ flags, nodeFlags });
  const run = new Soak(server, options);
  return await run.run();
}

class Soak {
  readonly #server: TestServer;
  readonly #options: SoakOptions;
  readonly #random: SeededRandom;
  readonly #players = new Map<Kind, readonly Player[]>();
  /** Resolved while the server is up. */
  #up = Promise.resolve();
  readonly #failed = new AbortController();

  constructor(server: TestServer, options: SoakOptions) {
    this.#server = server;
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
  }

  async run(): Promise<SoakReport> {
    const { seconds, log } = this.#options;
    await this.#makePlayers();
    const end = new AbortController();
    const playing = Promise.all(this.#all.map((player) => player.run(end.signal)));
    playing.catch((error: unknown) => this.#failed.abort(error));
    const phases: Phase[] = [];
    try {
      for (const [name, victims] of [
        ["processes and threads killed", ["process", "thread", "thread"]],
        ["threads killed", ["thread"]],
        ["nothing killed", []],
      ] as const) {
        phases.push(await this.#phase(name, seconds / 3, victims));
        log(JSON.stringify(phases.at(-1)));
      }
      end.abort();
      await playing;
      for (const player of this.#all) await player.verify();
    } catch (error) {
      end.abort();
      this.#failed.abort(error);
      await playing.catch(() => undefined);
      throw new Error(`failed with EMET_SEED=${this.#options.seed}; the server said: ${this.#server.errors}`, {
        cause: error,
      });
    }
    assert.equal(await this.#server.stop(), 0, this.#server.errors);
    const calls = Object.fromEntries(kinds.map((kind) => [kind, this.#callsOf(kind)]));
    return { calls, phases, held: await heldBytes(this.#server.dataDirectory) };
  }

  async #makePlayers(): Promise<void> {
    const client = new Client(() => this.#server.url);
    const components = {
      ledger: await client.upload("ledger", await textGuest("ledger")),
      rpc: await client.upload("rpc", await jsGuest("rpc")),
      keyvalue: await client.upload("keyvalue", await jsGuest("keyvalue")),
      account: await uploadAccounts(client, [{ version: 1 }, { version: 2 }]),
    };
    const gate: Gate = {
      open: async () => {
        await this.#up;
        this.#failed.signal.throwIfAborted();
      },
    };
    for (const kind of kinds) {
      const { count, component, make } = cast[kind];
      const players = Array.from({ length: Math.ceil(count * this.#options.scale) }, (_, index) => {
        const random = new SeededRandom(this.#random.integer(0, 2 ** 31));
        return make({ client, gate, random, componentId: components[component], name: `${kind}-${index}` });
      });
      this.#players.set(kind, players);
    }
  }

  get #all(): readonly Player[] {
    return [...this.#players.values()].flat();
  }

  #callsOf(kind: Kind): number {
    return (this.#players.get(kind) ?? []).reduce((total, { calls }) => total + calls, 0);
  }

  get #calls(): number {
    return kinds.reduce((total, kind) => total + this.#callsOf(kind), 0);
  }

  async #phase(name: string, seconds: number, victims: readonly ("process" | "thread")[]): Promise<Phase> {
    const before = this.#calls;
    const samples: MemorySample[] = [];
    const kills = { process: 0, thread: 0 };
    const started = performance.now();
    const elapsed = (): number => (performance.now() - started) / 1000;
    const killSeconds = (): number => elapsed() + this.#random.fraction() * this.#options.killSecondsMax;
    let nextKill = killSeconds();
    while (elapsed() < seconds) {
      this.#failed.signal.throwIfAborted();
      await delay(Math.min(1000, Math.max(0, (nextKill - elapsed()) * 1000)));
      const bytes = await residentBytes(this.#server.processId ?? 0);
      if (bytes !== undefined) samples.push({ seconds: elapsed(), bytes });
      if (elapsed() < nextKill || elapsed() > seconds) continue;
      nextKill = killSeconds();
      if (victims.length === 0) continue;
      const victim = this.#random.pickAny(victims);
      kills[victim] += 1;
      if (victim === "process") await this.#restart();
      else process.kill(this.#server.processId ?? 0, "SIGUSR2");
    }
    const late = samples.filter((sample) => sample.seconds > seconds * settled);
    return {
      name,
      seconds,
      calls: this.#calls - before,
      processKills: kills.process,
      threadKills: kills.thread,
      residentBytes: samples.at(-1)?.bytes ?? Number.NaN,
      slope: kills.process > 0 || late.length === 0 ? undefined : slope(late) * hour,
    };
  }

  async #restart(): Promise<void> {
    const started = Promise.withResolvers<void>();
    this.#up = started.promise;
    await this.#server.restart();
    started.resolve();
  }
}
