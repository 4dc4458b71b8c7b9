/**
 * Emet beside other engines for durable execution: `node --conditions=source bench/peers/main.ts --task=counter` (or
 * `steps`, `call`). All run at the same time on this machine, over the same disk; they are under load in turn, by the
 * same clients. Each client has an object of its own and makes one call at a time.
 */
import { load } from "../http/load.ts";
import type { LoadResult } from "../http/load.ts";
import { family, note, progress, row, sized, textOption } from "../harness/report.ts";
import { medianOfRounds } from "../harness/statistics.ts";
import { startEmet } from "./emet.ts";
import { installOpponents, startDbos, startPlain, startRestate, startWorkerd } from "./opponents.ts";
import { tasks } from "./peer.ts";
import type { Peer, Task } from "./peer.ts";
import { canCountSyncs, countSyncs } from "./syncs.ts";

interface Plan {
  readonly title: string;
  readonly about: string;
  readonly clients: readonly number[];
  readonly same: string;
}

const plans: { readonly [task in Task]: Plan } = {
  counter: {
    title: "A durable counter beside others",
    about:
      "Each call adds 1 to the counter of an object and gives the sum. Emet's object is a worker, Restate's a virtual object, workerd's a Durable Object; in DBOS it is a row, changed by a workflow of one transaction. Plain Node keeps the sum in memory: the ceiling.",
    clients: [1, 32, 128],
    same: "the same addition and answer, an object for each client, the new sum on disk before the answer",
  },
  steps: {
    title: "A handler of three steps beside others",
    about:
      "Each step draws a random number, and its result is on disk before the next step begins; the call gives their sum. Emet commits its oplog after each, Restate has `ctx.run`, DBOS `DBOS.runStep`, workerd a `put` and a `sync`. Emet needs no steps for what only reads: a variant records all three with the answer.",
    clients: [1, 32],
    same: "three results, each on disk before the next step, then the answer",
  },
  call: {
    title: "A call from object to object beside others",
    about:
      "Each call has an object add 1 to the counter of another object and give its sum. In DBOS a workflow calls a workflow.",
    clients: [1, 32],
    same: "two objects for each client, the call and the new sum on disk before the answer",
  },
};

const rounds = sized(3, 1);
const roundMs = sized(1500, 400);

async function startAll(disposables: AsyncDisposableStack): Promise<readonly Peer[]> {
  const peers: (Peer | undefined)[] = [...(await startEmet(disposables)), await startPlain(disposables)];
  if (installOpponents()) {
    for (const start of [startRestate, startDbos, startWorkerd]) {
      try {
        peers.push(await start(disposables));
      } catch (error) {
        progress(`an opponent is left out, since it doesn't start: ${(error as Error).message}`);
      }
    }
  }
  return peers.filter((peer) => peer !== undefined);
}

interface Extent {
  readonly clients: number;
  readonly callsEach: number;
  readonly msMax?: number;
}

function run(peer: Peer, task: Task, extent: Extent): Promise<LoadResult> {
  const request = peer.tasks[task];
  if (request === undefined) throw new Error(`${peer.name} does not do ${task}`);
  return load({ url: peer.url, ...extent, ...request });
}

async function compare(peers: readonly Peer[], task: Task, clients: number): Promise<void> {
  progress(`${task}, ${clients} clients`);
  const extent = { clients, callsEach: Number.POSITIVE_INFINITY, msMax: roundMs };
  const results = new Map(peers.map((peer) => [peer, [] as LoadResult[]]));
  for (const peer of peers) await run(peer, task, extent);
  for (let round = 0; round < rounds; round += 1) {
    for (const [peer, found] of results) found.push(await run(peer, task, extent));
  }
  const at = { axis: "clients", value: clients };
  const perSecond = new Map<string, number>();
  for (const [{ name }, found] of results) {
    const { callsPerSecond, medianMs, p99Ms } = medianOfRounds(found);
    perSecond.set(name, callsPerSecond);
    row({ measure: "calls", subject: name, unit: "/s", median: callsPerSecond, at });
    row({ measure: "latency", subject: name, unit: "ms", median: medianMs, p99: p99Ms, at });
  }
  if (task === "counter" && clients > 1) ratios(perSecond, clients);
}

/** The goals of the design: how many times more calls. */
function ratios(perSecond: ReadonlyMap<string, number>, clients: number): void {
  const shared = { subject: "Emet", unit: "×", at: { axis: "clients", value: clients }, chart: "" } as const;
  for (const [name, wanted, designed] of [
    ["Restate", 10, { design: "durable invocations over HTTP, 32 and 128 clients" }],
    ["workerd", 4, {}],
  ] as const) {
    const [own, theirs] = [perSecond.get("Emet"), perSecond.get(name)];
    if (own === undefined || theirs === undefined) continue;
    row({
      ...shared,
      measure: `calls/s: Emet / ${name}`,
      median: own / theirs,
      goal: { atLeast: wanted },
      ...designed,
    });
  }
}

async function syncs(peers: readonly Peer[], task: Task): Promise<void> {
  if (!canCountSyncs()) {
    note("Calls of fsync and fdatasync were not counted: strace is not there.");
    return;
  }
  for (const clients of [1, 32]) {
    progress(`fsyncs, ${clients} clients`);
    const callsEach = clients === 1 ? 50 : 10;
    for (const peer of peers) {
      const count = await countSyncs(peer.processIds, () => run(peer, task, { clients, callsEach }));
      row({
        measure: "fsync and fdatasync for each call",
        subject: peer.name,
        unit: "count",
        median: count / (clients * callsEach),
        at: { axis: "clients", value: clients },
        chart: "",
      });
    }
  }
}

const task = tasks.find((name) => name === (textOption("task") ?? "counter"));
if (task === undefined) throw new Error(`--task is one of ${tasks.join(", ")}`);
await using disposables = new AsyncDisposableStack();
const plan = plans[task];
const peers = (await startAll(disposables)).filter((peer) => peer.tasks[task] !== undefined);
family(`peers-${task}`, plan.title, plan.about);
for (const clients of plan.clients) await compare(peers, task, clients);
await syncs(peers, task);
note(`The same: machine, disk, clients, time for each, ${plan.same}.`);
for (const { name, durability } of peers) note(`${name}: ${durability}.`);
note(
  "Not the same: Emet's guest is WebAssembly (a variant is in JavaScript, compiled with its engine), the handlers of the others are JavaScript in V8. Restate's handlers are in a second process, as it has it; Emet's, DBOS's and workerd's are in the process that serves HTTP.",
);
