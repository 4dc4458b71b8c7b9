/**
 * All work begins on one of two executor threads: `node --conditions=source bench/executors/skewed.ts`. With rebalancing
 * that thread hands workers over, without it doesn't.
 */
import { family, note, progress, row, sized } from "../harness/report.ts";
import { load } from "../http/load.ts";
import { Placement } from "../../packages/server/src/cluster/shards.ts";
import { shardOf } from "../../packages/server/src/platform/worker-shards.ts";
import { Client } from "../../test/support/client.ts";
import { textGuest } from "../../test/support/guests.ts";
import { TestServer } from "../../test/support/server.ts";

const executors = 2;
const spinners = 8;
const endless = 2n ** 62n;
/** Turns of a loop that takes some milliseconds. */
const turns = 4_000_000;
const secondMs = 1000;
const seconds = sized(15, 3);

/** Names of workers that begin on the first executor. */
function names(componentId: string, prefix: string, count: number): readonly string[] {
  const placement = new Placement(executors);
  const found: string[] = [];
  for (let index = 0; found.length < count; index += 1) {
    const workerName = `${prefix}${index}`;
    if (placement.ownerOf(shardOf({ componentId, workerName })) === 0) found.push(workerName);
  }
  return found;
}

interface Case {
  readonly measure: string;
  readonly clients: number;
  readonly call: "add" | "spin";
  readonly parameter: number;
  readonly spins: boolean;
}

const cases: readonly Case[] = [
  { measure: "computing, 16 clients", clients: 16, call: "spin", parameter: turns, spins: false },
  { measure: "counter beside 8 endless loops, 8 clients", clients: 8, call: "add", parameter: 1, spins: true },
];

family(
  "executors-skewed",
  "Work that begins on one thread",
  `All workers that are called belong to the first of ${executors} executor threads when the server starts; seconds after that, with rebalancing and without it.`,
);
for (const { measure, clients, call, parameter, spins } of cases) {
  for (const rebalances of [false, true]) {
    progress(`${measure}${rebalances ? ", rebalancing" : ""}`);
    const flags = ["--executors", String(executors), ...(rebalances ? [] : ["--no-rebalancing"])];
    await using server = await TestServer.start({ flags });
    const client = new Client(() => server.url);
    const component = await client.upload("ledger", await textGuest("ledger"));
    const called = names(component, "w", clients);
    for (const name of called) await client.worker(component, name).invoke(call, [1]);
    if (spins) {
      const loops = names(component, "loop", spinners);
      await Promise.all(loops.map((name) => client.worker(component, name).enqueue("spin", [endless])));
    }
    const subject = rebalances ? "Emet" : "Emet, without rebalancing";
    for (let second = 1; second <= seconds; second += 1) {
      const { callsPerSecond, medianMs, p99Ms } = await load({
        url: server.url,
        clients,
        callsEach: Number.POSITIVE_INFINITY,
        msMax: secondMs,
        path: (number) =>
          `/v1/components/${component}/workers/${called[number] ?? ""}/invoke-and-await?function=${call}`,
        body: `{"params":[${parameter}]}`,
      });
      if (second % 2 === 0 && second !== seconds) continue;
      const at = { axis: "seconds", value: second };
      row({ measure, subject, unit: "/s", median: callsPerSecond, at });
      row({ measure, subject, unit: "ms", median: medianMs, p99: p99Ms, at });
    }
  }
}
note(
  "What moving costs is in these figures. Endless loops can't be moved: everything else leaves their thread, first what is called.",
);
