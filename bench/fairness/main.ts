/**
 * Small calls beside guests that never end: `node --conditions=source bench/fairness/main.ts [--spinners=8]`.
 */
import { Client } from "../../test/support/client.ts";
import { textGuest } from "../../test/support/guests.ts";
import { TestServer } from "../../test/support/server.ts";
import { family, note, numberOption, progress, row, sized } from "../harness/report.ts";
import { load } from "../http/load.ts";

const spinners = numberOption("spinners", 8);
const calls = sized(4000, 400);
/** Turns of a loop that takes some milliseconds. */
const mediumTurns = 10_000_000;
const endless = 2n ** 62n;

family(
  "fairness",
  "Small calls beside endless loops",
  `Calls of other workers that add a number, durably, while ${spinners} workers of the same thread run loops without an end; and a ` +
    `call that computes for some milliseconds itself.`,
);
await using server = await TestServer.start({ flags: ["--executors", "1"] });
const client = new Client(() => server.url);
const component = await client.upload("ledger", await textGuest("ledger"));

async function small(subject: string, clients: number): Promise<void> {
  const { medianMs, p99Ms } = await load({
    url: server.url,
    clients,
    callsEach: Math.ceil(calls / clients),
    path: (number) => `/v1/components/${component}/workers/small${number}/invoke-and-await?function=add`,
    body: '{"params":[1]}',
  });
  const at = { axis: "clients", value: clients };
  const goal = subject === "Emet" ? { goal: { atMost: 25 } } : {};
  row({ measure: "small call", subject, unit: "ms", median: medianMs, p99: p99Ms, at });
  row({ measure: "small call, 99th percentile", subject, unit: "ms", median: p99Ms, at, chart: "p99", ...goal });
}

async function medium(subject: string): Promise<void> {
  const { medianMs, p99Ms } = await load({
    url: server.url,
    clients: 1,
    callsEach: sized(60, 10),
    path: () => `/v1/components/${component}/workers/medium/invoke-and-await?function=spin`,
    body: `{"params":[${mediumTurns}]}`,
  });
  row({ measure: "call that computes for a while", subject, unit: "ms", median: medianMs, p99: p99Ms });
}

const quiet = "Emet, nothing else running";
progress("nothing else running");
await load({
  url: server.url,
  clients: 8,
  callsEach: 200,
  path: (number) => `/v1/components/${component}/workers/small${number}/invoke-and-await?function=add`,
  body: '{"params":[1]}',
});
for (const clients of [1, 8]) await small(quiet, clients);
await medium(quiet);
progress(`${spinners} endless loops`);
for (let index = 0; index < spinners; index++)
  await client.worker(component, `loop${index}`).enqueue("spin", [endless]);
for (const clients of [1, 8]) await small("Emet", clients);
await medium("Emet");
note(
  "A guest that computes gives way after `sliceMs`. Between any two turns of such guests the thread deals with all that has " +
    "arrived, so that a small call waits for one slice, not for all of them; and a call that has not run for long gets more " +
    "turns than those that have.",
);
