/**
 * A server under load is killed at random moments and started again. What it acknowledged must be there, once; what it
 * didn't is asked for again with the same idempotency key.
 */
import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "../support/client.ts";
import { textGuest } from "../support/guests.ts";
import { SeededRandom, seedOfRun } from "../support/seeded-random.ts";
import { TestServer } from "../support/server.ts";
import { LedgerPlayer } from "../soak/players/ledger-player.ts";

const workers = Number(process.env["EMET_CRASH_WORKERS"] ?? 200);
const kills = Number(process.env["EMET_CRASH_KILLS"] ?? 15);
/** One in so many ends is a graceful one. */
const gracefulEvery = 5;
const flags = ["--suspend-after-ms", "300"];
const killDelayMsMax = 2500;
const timeoutMs = 120_000 + kills * 15_000;

it(`a server killed ${kills} times keeps what it acknowledged`, { timeout: timeoutMs }, async (context) => {
  const seed = seedOfRun();
  context.diagnostic(`seed ${seed} (EMET_SEED)`);
  const random = new SeededRandom(seed);
  await using server = await TestServer.start({ flags });
  const client = new Client(() => server.url);
  const componentId = await client.upload("ledger", await textGuest("ledger"));
  let up = Promise.resolve();
  const ended = new AbortController();
  const gate = {
    open: async (): Promise<void> => {
      await up;
      ended.signal.throwIfAborted();
    },
  };
  const clients = Array.from({ length: workers }, (_, index) => {
    const choices = new SeededRandom(seed + index + 1);
    return new LedgerPlayer({ client, componentId, name: `ledger-${index}`, random: choices, gate });
  });
  const killing = new AbortController();
  const runs = Promise.all(clients.map((ledger) => ledger.run(killing.signal)));
  const kill = async (): Promise<void> => {
    for (let count = 1; count <= kills && !ended.signal.aborted; count += 1) {
      await delay(random.integer(0, killDelayMsMax));
      const started = Promise.withResolvers<void>();
      up = started.promise;
      if (count % gracefulEvery === 0) assert.equal(await server.stop(), 0, server.errors);
      else await server.kill();
      await server.start();
      started.resolve();
    }
    killing.abort();
  };
  const killed = kill();
  try {
    await Promise.all([runs, killed]);
    await Promise.all(clients.map((ledger) => ledger.verify()));
  } catch (error) {
    ended.abort(error);
    // The server must not start once more after this test.
    await killed.catch(() => undefined);
    throw new Error(`failed with EMET_SEED=${seed}; the server said: ${server.errors}`, { cause: error });
  }
  const calls = clients.reduce((total, ledger) => total + ledger.calls, 0);
  const repetitions = clients.reduce((total, ledger) => total + ledger.repetitions, 0);
  context.diagnostic(`${kills} kills, ${calls} calls acknowledged, ${repetitions} of them asked for again`);
});
