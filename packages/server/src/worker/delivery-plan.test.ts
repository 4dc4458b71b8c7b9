import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ByteWriter } from "../durability/codec/byte-writer.ts";
import { valueCodec } from "../durability/codec/value-codec.ts";
import { createFields } from "../durability/oplog-for-tests.ts";
import { entryTypes } from "../durability/oplog/entry-types.ts";
import type { EntryKind, PluginDescription } from "../durability/oplog/entry-types.ts";
import type { StoredEntry } from "../durability/oplog/stored-entry.ts";
import { entriesOf, nextPart } from "./delivery-plan.ts";
import type { DeliveryProgress } from "./delivery-plan.ts";

const processor = { componentId: "c", componentVersion: 0 };

function plugin(installationId: string, given: Partial<PluginDescription> = {}): PluginDescription {
  return { installationId, name: "p", version: "1", parameters: [], processor, ...given };
}

type Made = readonly [kind: EntryKind, fields: unknown];

const created = (...activePlugins: PluginDescription[]): Made => ["create", { ...createFields, activePlugins }];
const on = (installed: PluginDescription): Made => ["activate-plugin", { plugin: installed }];
const off = (installed: PluginDescription): Made => ["deactivate-plugin", { plugin: installed }];
const reverted = (...activePlugins: PluginDescription[]): Made => [
  "revert",
  { region: { start: 2, end: 2 }, operation: undefined, activePlugins },
];
const noOp: Made = ["no-op", {}];

function stored([kind, fields]: Made, index: number): StoredEntry {
  const writer = new ByteWriter(64);
  valueCodec<unknown>(entryTypes[kind].fields.type).encode(writer, fields);
  const payload = writer.bytes.slice(0, writer.length);
  return { index, code: entryTypes[kind].code, timestampMs: 0, version: 3, functionName: "f", payload };
}

/** The parts for installation `a`, as first and last index with the parameters in force. */
async function partsOf(made: readonly Made[]): Promise<readonly string[]> {
  const entries = made.map((entry, position) => stored(entry, position + 1));
  const from = async function* (index: number): AsyncGenerator<StoredEntry> {
    yield* entries.slice(index - 1);
  };
  const parts: string[] = [];
  let progress: DeliveryProgress = { next: { index: 1, version: 0 } };
  for (;;) {
    const next = await nextPart(progress, "a", from(progress.next.index));
    // As it comes back from the store.
    progress = JSON.parse(JSON.stringify(next.progress)) as DeliveryProgress;
    const { part } = progress;
    if (part === undefined) return parts;
    const again = await entriesOf(part, from(part.start.index));
    assert.deepEqual(again, next.entries);
    parts.push(`${part.start.index}-${part.lastIndex} ${part.plugin.parameters.join()}`);
  }
}

describe("nextPart()", () => {
  it("takes what a worker has written since its creation", async () => {
    assert.deepEqual(await partsOf([created(plugin("a")), noOp, noOp]), ["1-3 "]);
    assert.deepEqual(await partsOf([created(plugin("b")), noOp]), []);
    assert.deepEqual(await partsOf([created(plugin("a", { processor: undefined })), noOp]), []);
    assert.deepEqual(await partsOf([]), []);
  });

  it("leaves out what was written while the plugin was off", async () => {
    const made = [created(), noOp, on(plugin("a")), noOp, off(plugin("a")), noOp, on(plugin("b")), on(plugin("a"))];
    assert.deepEqual(await partsOf(made), ["3-5 ", "8-8 "]);
  });

  it("ends a part where the plugin gets other settings", async () => {
    const other = plugin("a", { parameters: [["k", "v"]] });
    const update: Made = ["successful-update", { targetVersion: 4, componentSize: 1, activePlugins: [other] }];
    const without: Made = ["successful-update", { targetVersion: 5, componentSize: 1, activePlugins: [] }];
    const old: Made = ["successful-update", { targetVersion: 3, componentSize: 1, activePlugins: undefined }];
    assert.deepEqual(await partsOf([created(plugin("a")), old, update, noOp, without, noOp]), ["1-3 ", "4-5 k,v"]);
  });

  it("follows a revert, which may undo the update that switched it on or off", async () => {
    const update = (...active: PluginDescription[]): Made => [
      "successful-update",
      { targetVersion: 4, componentSize: 1, activePlugins: active },
    ];
    const on1 = await partsOf([created(), update(plugin("a")), noOp, reverted(), noOp]);
    assert.deepEqual(on1, ["2-4 "]);
    const off1 = await partsOf([created(plugin("a")), update(), noOp, reverted(plugin("a")), noOp]);
    assert.deepEqual(off1, ["1-2 ", "4-5 "]);
  });

  it("ends a part that has become long", async () => {
    const many = Array.from({ length: 450 }, () => noOp);
    assert.deepEqual(await partsOf([created(plugin("a")), ...many]), ["1-200 ", "201-400 ", "401-451 "]);
    const log: Made = ["log", { level: "info", context: "", message: "x".repeat(200_000) }];
    assert.deepEqual(await partsOf([created(plugin("a")), log, log, log, log]), ["1-4 ", "5-5 "]);
  });
});
