/** How Golem's benchmarks call: each worker has a client of its own, which makes one call after the other. */
import { Client } from "../../test/support/client.ts";
import { textGuest } from "../../test/support/guests.ts";
import { TestServer } from "../../test/support/server.ts";
import { load } from "../http/load.ts";
import type { LoadResult } from "../http/load.ts";
import { medianOfRounds, quantile } from "../harness/statistics.ts";
import { row, sized } from "../harness/report.ts";
import type { Goal } from "../harness/row.ts";

export interface Bench extends AsyncDisposable {
  readonly server: TestServer;
  readonly client: Client;
}

/** A server that has run for a while: what every call needs is optimised. */
export async function startServer(): Promise<Bench> {
  const server = await TestServer.start();
  const client = new Client(() => server.url);
  const bench = { server, client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  const component = await client.upload("warm-up", await textGuest("ledger"));
  const calls = { component, call: "add", parameters: [1], prefix: "warm-up" };
  await invokeAll(bench, { ...calls, workers: 16, callsEach: sized(300, 30) });
  return bench;
}

export interface Calls {
  readonly component: string;
  readonly call: string;
  readonly parameters: readonly unknown[];
  /** Workers, each with a client. */
  readonly workers: number;
  readonly callsEach: number;
  /** What the workers' names begin with. */
  readonly prefix: string;
}

export async function invokeAll({ server }: Bench, calls: Calls): Promise<LoadResult> {
  const { component, call, parameters, workers, callsEach, prefix } = calls;
  return await load({
    url: server.url,
    clients: workers,
    callsEach,
    path: (client) =>
      `/v1/components/${component}/workers/${prefix}-${client}/invoke-and-await?function=${encodeURIComponent(call)}`,
    body: JSON.stringify({ params: parameters }),
  });
}

export interface Measured {
  readonly measure: string;
  readonly subject?: string;
  readonly workers: number;
  readonly goal?: Goal;
  readonly design?: string;
  readonly note?: string;
}

/** A row of latencies; rounds are reduced to their medians. */
export function latencyRow(
  { measure, subject = "Emet", workers, goal, design, note }: Measured,
  rounds: LoadResult[],
): void {
  // A round of one call has no percentiles of its own.
  const isSingle = rounds.every(({ medianMs, p99Ms }) => medianMs === p99Ms);
  const { medianMs, p99Ms } = medianOfRounds(rounds);
  const p99 = isSingle
    ? quantile(
        rounds.map((round) => round.medianMs),
        0.99,
      )
    : p99Ms;
  row({
    measure,
    subject,
    unit: "ms",
    median: medianMs,
    p99,
    at: { axis: "workers", value: workers },
    ...(goal !== undefined && { goal }),
    ...(design !== undefined && { design }),
    ...(note !== undefined && { note }),
  });
}
