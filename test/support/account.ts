/** The guest `account.wat` in its versions, and what the suites of updates ask of its workers. */
import assert from "node:assert/strict";
import type { Client, JsonObject, Reply, WorkerClient } from "./client.ts";
import { textGuest } from "./guests.ts";
import { eventually } from "./poll.ts";

/** How a version differs from the first one. */
export interface AccountVersion {
  readonly version: number;
  /** Added to every amount. */
  readonly more?: number;
  /** Exports taken away. */
  readonly without?: readonly ("save" | "load")[];
}

export function account({ version, more = 0, without = [] }: AccountVersion): Promise<Uint8Array> {
  return textGuest("account", (source) => {
    const edited = source
      .replace("(global $version i32 (i32.const 1))", `(global $version i32 (i32.const ${version}))`)
      .replace("(global $more i64 (i64.const 0))", `(global $more i64 (i64.const ${more}))`);
    return without.reduce(
      (text, name) => text.replace(`(export "golem:api/${name}-snapshot`, `(export "test:other/${name}-snapshot`),
      edited,
    );
  });
}

/** Uploads the versions in order; returns the component's id. */
export async function uploadAccounts(client: Client, versions: readonly AccountVersion[]): Promise<string> {
  const [first = { version: 1 }, ...others] = versions;
  const id = await client.upload("account", await account(first));
  for (const version of others) await uploadVersion(client, id, await account(version));
  return id;
}

export async function uploadVersion(client: Client, id: string, component: Uint8Array): Promise<void> {
  const { status, body } = await client.post(`/v1/components/${id}/updates`, { component });
  assert.equal(status, 200, JSON.stringify(body));
}

export interface UpdateRecord {
  readonly type: "pendingUpdate" | "successfulUpdate" | "failedUpdate";
  readonly targetVersion: number;
  readonly details?: string | null;
}

export function update(worker: WorkerClient, targetVersion: number, mode: "Automatic" | "Manual"): Promise<Reply> {
  return worker.send("POST", "/update", { mode, targetVersion });
}

/** The updates that have ended, in order, once there are `count` of them and none pending. */
export function endedUpdates(worker: WorkerClient, count: number): Promise<readonly UpdateRecord[]> {
  return eventually(async () => {
    const { updates } = (await worker.metadata()) as { readonly updates: readonly UpdateRecord[] };
    const pending = updates.some(({ type }) => type === "pendingUpdate");
    return !pending && updates.length >= count && updates;
  }, `${worker.path} has ${count} updates behind it`);
}

/** What a refused operation is told. */
export function refusal({ status, body }: Reply): string {
  assert.equal(status, 500, JSON.stringify(body));
  const { golemError } = body as { readonly golemError: JsonObject };
  assert.equal(golemError["type"], "InvalidRequest");
  return String(golemError["details"]);
}

/** Entries of an oplog, all of them, as one page after the other gives them. */
export async function oplogOf(worker: WorkerClient, query = ""): Promise<readonly OplogItem[]> {
  const items: OplogItem[] = [];
  for (let cursor = ""; ;) {
    const reply = await worker.send("GET", `/oplog?count=100${query}${cursor}`);
    assert.equal(reply.status, 200);
    const { entries, next } = reply.body as OplogReply;
    if (next === null) {
      assert.deepEqual(entries, []);
      return items;
    }
    items.push(...entries);
    cursor = `&cursor=${next.next_oplog_index}-${next.current_component_version}`;
  }
}

export interface OplogItem {
  readonly oplogIndex: number;
  readonly entry: { readonly type: string } & JsonObject;
}

interface OplogReply {
  readonly entries: readonly OplogItem[];
  readonly next: { readonly next_oplog_index: number; readonly current_component_version: number } | null;
}
