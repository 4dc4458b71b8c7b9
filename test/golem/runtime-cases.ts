/** Components that try the runtime itself: retries, regions, modes, transactions, against a server that counts. */
import assert from "node:assert/strict";
import type { WorkerClient } from "../support/client.ts";
import { eventually } from "../support/poll.ts";
import { create, Remote } from "./http-cases.ts";
import type { Case, Setting } from "./setting.ts";

const api = (name: string): string => `golem:it/api.{${name}}`;

/** Answers `true` to the first calls of each step, as many as `failures` says. */
class Steps implements AsyncDisposable {
  readonly remote: Remote;
  readonly events: string[];

  private constructor(remote: Remote, events: string[]) {
    this.remote = remote;
    this.events = events;
  }

  static async start(failures: (step: string) => number, logsSteps = false): Promise<Steps> {
    const events: string[] = [];
    const counts = new Map<string, number>();
    const remote = await Remote.start((body, response, request) => {
      const step = /^\/step\/(\d+)$/u.exec(request.url ?? "")?.[1];
      if (step === undefined) {
        events.push(body);
        response.end("OK");
        return;
      }
      const undone = request.method === "DELETE";
      if (logsSteps) events.push(`${undone ? "<=" : "=>"} ${step}`);
      const count = counts.get(step) ?? 0;
      if (!undone) counts.set(step, count + 1);
      response.setHeader("content-type", "application/json");
      response.end(String(!undone && count < failures(step)));
    });
    return new Steps(remote, events);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.remote[Symbol.asyncDispose]();
  }
}

/** Calls a function of a new worker, kills the server, and asks again for the same result; nothing happens twice. */
async function steps(
  setting: Setting,
  call: string,
  options: {
    readonly params?: readonly unknown[];
    readonly failures: (step: string) => number;
    readonly logsSteps?: boolean;
    readonly events: readonly string[];
    readonly succeeds?: boolean;
  },
): Promise<void> {
  await using remote = await Steps.start(options.failures, options.logsSteps);
  const worker = await create(setting, `${call}-${String(options.params ?? "")}`, remote.remote);
  const first = await worker.invokeRaw(api(call), options.params, "once");
  assert.equal(first.status, (options.succeeds ?? true) ? 200 : 500, JSON.stringify(first.body));
  assert.deepEqual(remote.events, options.events, call);
  await setting.server.restart();
  const again = await worker.invokeRaw(api(call), options.params, "once");
  assert.deepEqual(again.body, first.body);
  assert.deepEqual(remote.events, options.events, call);
}

async function regionsAndModes(setting: Setting): Promise<void> {
  const twice = (): number => 2;
  const once = (): number => 1;
  await steps(setting, "atomic-region", {
    failures: twice,
    events: ["1", "2", "1", "2", "1", "2", "3", "4", "5", "5", "5", "6"],
  });
  await steps(setting, "idempotence-flag", { params: [true], failures: once, events: ["1", "1"] });
  await steps(setting, "idempotence-flag", { params: [false], failures: once, events: ["1"], succeeds: false });
  await steps(setting, "persist-nothing", { failures: twice, events: ["1", "2", "3", "2", "2", "4"] });
}

async function commitsAndRetries({ worker, server }: Setting): Promise<void> {
  await worker("commit").invoke(api("explicit-commit"), [0]);
  await server.restart();
  await worker("commit").invoke(api("explicit-commit"), [1]);
  const failing = worker("failing");
  const { status, body } = await failing.invokeRaw(api("fail-with-custom-max-retries"), [2]);
  assert.equal(status, 500);
  assert.match(JSON.stringify(body), /RuntimeError.*error while executing at wasm backtrace/u);
  await server.restart();
  const later = await failing.invokeRaw(api("fail-with-custom-max-retries"), [1]);
  assert.match(JSON.stringify(later.body), /PreviousInvocationFailed/u);
}

const rustTests: Case = async (setting) => {
  await regionsAndModes(setting);
  await commitsAndRetries(setting);
  const failures = (step: string): number => (step === "3" ? 1 : 0);
  await steps(setting, "fallible-transaction-test", {
    failures,
    logsSteps: true,
    events: ["=> 1", "=> 2", "=> 3", "<= 3", "<= 2", "<= 1"],
    succeeds: false,
  });
  await steps(setting, "infallible-transaction-test", {
    failures,
    logsSteps: true,
    events: ["=> 1", "=> 2", "=> 3", "=> 1", "=> 2", "=> 3", "=> 4"],
  });
};

const runtime: Case = async (setting) => {
  await regionsAndModes(setting);
  await commitsAndRetries(setting);
  await jumps(setting);
  await others(setting);
};

async function jumps(setting: Setting): Promise<void> {
  await using remote = await Steps.start(() => 1);
  const worker = await create(setting, "jumping", remote.remote);
  assert.equal(await worker.invoke(api("jump"), [], "jump"), 5);
  await setting.server.restart();
  assert.equal(await worker.invoke(api("jump"), [], "jump"), 5);
  assert.equal(remote.remote.asked.length, 4);
  assert.match(String(await worker.invoke(api("get-self-uri"), ["f"])), /^urn:worker:[0-9a-f-]+\/jumping\/f$/u);
}

type Metadata = { readonly "worker-id": { readonly "worker-name": string }; readonly status: string };

async function others(setting: Setting): Promise<void> {
  const { worker, server, id } = setting;
  const halves = BigInt(`0x${id.replaceAll("-", "")}`);
  const uuid = { "high-bits": halves >> 64n, "low-bits": halves & (2n ** 64n - 1n) };
  const workerId = (name: string): unknown => ({ "component-id": { uuid }, "worker-name": name });
  const watcher: WorkerClient = worker("watcher");
  const filter = {
    filters: [{ filters: [{ name: { comparator: "like", value: "atomic" } }] }],
  };
  const found = (await watcher.invoke(api("get-workers"), [{ uuid }, filter, true])) as readonly Metadata[];
  assert.deepEqual(
    found.map((metadata) => metadata["worker-id"]["worker-name"]),
    ["atomic-region-"],
  );
  const self = (await watcher.invoke(api("get-self-metadata"))) as Metadata;
  assert.deepEqual([self["worker-id"]["worker-name"], self.status], ["watcher", "running"]);
  const other = (await watcher.invoke(api("get-worker-metadata"), [workerId("jumping")])) as Metadata;
  assert.equal(other.status, "idle");
  assert.equal(await watcher.invoke(api("get-worker-metadata"), [workerId("nobody")]), null);
  const keys = await watcher.invoke(api("generate-idempotency-keys"), [], "keys");
  await server.restart();
  assert.deepEqual(await watcher.invoke(api("generate-idempotency-keys"), [], "keys"), keys);
  assert.notDeepEqual(await watcher.invoke(api("generate-idempotency-keys")), keys);
  await worker("watched").invoke(api("get-self-metadata"));
  await uploadAgain(setting);
  await watcher.invoke(api("update-worker"), [workerId("watched"), 1, "automatic"]);
  await eventually(async () => (await worker("watched").metadata())["componentVersion"] === 1, "the update has ended");
}

/** The same binary as the next version. */
async function uploadAgain({ client, server, id }: Setting): Promise<void> {
  const response = await fetch(`${server.url}/v1/components/${id}/download`);
  const form = new FormData();
  form.set("component", new Blob([await response.arrayBuffer()]), "component.wasm");
  assert.equal((await client.request("POST", `/v1/components/${id}/updates`, { body: form })).status, 200);
}

export const runtimeCases: { readonly [component: string]: Case } = {
  "golem-rust-tests": rustTests,
  "runtime-service": runtime,
};
