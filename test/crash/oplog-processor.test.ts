/** An oplog processor while the server is killed again and again: it is given every entry, once each, in order. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { parse } from "@bytecodealliance/jco";
import { Client } from "../support/client.ts";
import { ProcessorPlugin } from "../support/oplog-processor.ts";
import { eventually } from "../support/poll.ts";
import { SeededRandom, seedOfRun } from "../support/seeded-random.ts";
import { TestServer } from "../support/server.ts";

const workers = 12;
const calls = 60;
const kills = Number(process.env["EMET_CRASH_KILLS"] ?? 6);

describe("oplog processors", () => {
  test(`every entry arrives once and in order over ${kills} kills`, async (context) => {
    const seed = seedOfRun();
    context.diagnostic(`seed ${seed} (EMET_SEED)`);
    const random = new SeededRandom(seed);
    await using server = await TestServer.start({ flags: ["--executors", "2"] });
    const client = new Client(() => server.url);
    const guest = await parse(`(component
      (core module $main (func (export "answer") (result i32) (i32.const 7)))
      (core instance $main (instantiate $main))
      (func (export "answer") (result u32) (canon lift (core func $main "answer"))))`);
    const id = await client.upload("observed", guest);
    const plugin = await ProcessorPlugin.register(client, "observer");
    const first = await plugin.install(id, { which: "first" });
    const second = await plugin.install(id, { which: "second" });

    /** Asks until it is answered. */
    const insist = async (name: string, key: string): Promise<void> => {
      for (;;) {
        const reply = await client
          .worker(id, name)
          .invokeRaw("answer", [], key)
          .catch(() => undefined);
        if (reply?.status === 200) return;
        if (reply !== undefined) assert.match(JSON.stringify(reply.body), /stopping|executor thread ended/u);
        await delay(20);
      }
    };
    const all = Promise.all(
      Array.from({ length: workers }, async (_, worker) => {
        for (let call = 0; call < calls; call += 1) {
          await insist(`w-${worker}`, `${worker}-${call}`);
          await delay(random.integer(0, 60));
        }
      }),
    );
    for (let kill = 0; kill < kills; kill += 1) {
      await delay(random.integer(100, 1200));
      await server.restart();
    }
    await all;
    for (const installation of [first, second]) {
      for (let worker = 0; worker < workers; worker += 1) {
        const completed = async (): Promise<number> => {
          const tags = await plugin.tagsOf(installation, `w-${worker}`);
          return tags.filter((tag) => tag === "exported-function-completed").length;
        };
        await eventually(async () => (await completed()) >= calls, `all entries of w-${worker} arrive`);
        assert.equal(await completed(), calls);
      }
    }
  });
});
