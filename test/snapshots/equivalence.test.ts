/** `equivalence.ts`, for the guests of the project. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { describe, it } from "node:test";
import { imageForTests } from "../../packages/server/src/worker/guest-for-tests.ts";
import { moduleGuest, textGuest } from "../support/guests.ts";
import { jsGuest } from "../support/js-guest.ts";
import { nativeGuest } from "../support/native-guests.ts";
import { seedOfRun } from "../support/seeded-random.ts";
import { checkEquivalence } from "./equivalence.ts";

const scripts = (await readdir(new URL("../guests/js/", import.meta.url)))
  .filter((name) => name.endsWith(".js"))
  .map((name) => name.slice(0, -".js".length))
  // They ask whether they are replayed, and do other things then.
  .filter((name) => name !== "durability" && name !== "oplog");

const guests: readonly (readonly [name: string, build: () => Promise<Uint8Array | undefined>])[] = [
  ...["account", "ledger"].map((name) => [name, () => textGuest(name)] as const),
  ...["counters", "echo", "probe"].map((name) => [name, () => moduleGuest(name)] as const),
  ...scripts.map((name) => [`${name} (JavaScript)`, () => jsGuest(name)] as const),
  ["C", () => nativeGuest("c", "c")],
  ["Rust", () => nativeGuest("rust", "rs")],
];

const seed = seedOfRun();

describe(`a memory snapshot stands for the history (EMET_SEED=${seed})`, () => {
  for (const [name, build] of guests) {
    it(name, async (test) => {
      const binary = await build();
      // Its toolchain is missing, which was said.
      if (binary === undefined) return;
      const { saved, obstacles, called } = await checkEquivalence(await imageForTests(binary), seed);
      test.diagnostic(`${called.size} functions, saved ${saved} times; ${[...obstacles].join("; ")}`);
      assert.ok(saved > 0, "it was never saved");
    });
  }
});
