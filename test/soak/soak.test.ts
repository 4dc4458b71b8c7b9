/** A short soak; `npm run soak` makes a long one. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { seedOfRun } from "../support/seeded-random.ts";
import { soak } from "./soak.ts";

it("a server under mixed load keeps every call, whatever is killed", { timeout: 240_000 }, async (context) => {
  const seed = seedOfRun();
  context.diagnostic(`seed ${seed} (EMET_SEED)`);
  const log = (line: string): void => context.diagnostic(line);
  const { calls, phases, held } = await soak({ seconds: 24, killSecondsMax: 3, scale: 0.5, seed, log });
  for (const [kind, count] of Object.entries(calls)) assert.ok(count > 0, kind);
  assert.ok(phases.some(({ threadKills }) => threadKills > 0));
  assert.ok(held.some(({ what }) => what.startsWith("storage.db")));
});
