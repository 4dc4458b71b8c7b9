import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { publicOplogEntrySchema } from "@emet/contract";
import type { ValueType } from "@emet/component";
import type { EntryKind } from "../durability/oplog/entry-types.ts";
import { entryTypes } from "../durability/oplog/entry-types.ts";
import { publicKinds } from "../durability/oplog/public-kinds.ts";
import { parseQuery } from "../durability/oplog/query.ts";
import { searchTexts } from "../durability/oplog/search-texts.ts";
import type { ShownEntry, TypedValue } from "../durability/oplog/shown-entry.ts";
import { publicEntry } from "./public-entry.ts";

const worker = { componentId: "00000000-0000-4000-8000-000000000000", workerName: "w" };
const text: ValueType = { kind: "string" };
const item: ValueType = {
  kind: "record",
  fields: [
    { name: "product-id", type: text },
    { name: "size", type: { kind: "variant", cases: [{ name: "large", type: { kind: "u64" } }, { name: "none" }] } },
    { name: "tags", type: { kind: "flags", names: ["new-one", "sale"] } },
    { name: "note", type: { kind: "option", some: text } },
    { name: "place", type: { kind: "tuple", items: [text, { kind: "u8" }] } },
  ],
};
const value = {
  productId: "G1000",
  size: { tag: "large", val: 18_446_744_073_709_551_615n },
  tags: { newOne: true, sale: false },
  note: undefined,
  place: ["shelf", 7],
};
const parameter = { name: "item", type: item, value };
const results: TypedValue = {
  type: { kind: "tuple", items: [{ kind: "result", ok: text, err: text }] },
  value: [{ tag: "err", val: "sold out" }],
};
const call = {
  functionName: "api.{add-item}",
  idempotencyKey: "key-1",
  request: [parameter],
  trace: { traceId: "t".repeat(32), parentId: "p".repeat(16), states: ["a=b"] },
};
const region = { start: 3, end: 5 };
const plugin = { installationId: "i", name: "p", version: "v1", parameters: [["a", "b"]] as const };

/** One of each kind. */
const samples: { readonly [K in EntryKind]: object } = {
  create: {
    fields: {
      workerId: worker,
      componentVersion: 2,
      args: ["a"],
      env: [["A", "1"]],
      parent: worker,
      componentSize: 10,
      initialMemorySize: 20,
      architecture: "x64",
      activePlugins: [plugin],
    },
  },
  "imported-function-invoked": {
    functionName: "wall_clock::now",
    functionClass: "batched-remote-write",
    beginIndex: 4,
    request: { type: { kind: "tuple", items: [] }, value: [] },
    response: { type: text, value: "noon" },
  },
  "exported-function-invoked": call,
  "exported-function-completed": { response: results, consumedFuel: 5 },
  suspend: { fields: {} },
  error: { fields: { message: "it broke", retriable: true, outOfMemory: false, progress: 1 } },
  "no-op": { fields: {} },
  jump: { fields: { region } },
  interrupted: { fields: {} },
  exited: { fields: { exitCode: 1 } },
  "change-retry-policy": {
    fields: { policy: { maxAttempts: 3, minDelayNs: 1e8, maxDelayNs: 9e10, multiplier: 1.5, maxJitterFactor: 0.1 } },
  },
  "begin-atomic-region": { fields: {} },
  "end-atomic-region": { fields: { beginIndex: 4 } },
  "begin-remote-write": { fields: {} },
  "end-remote-write": { fields: { beginIndex: 4 } },
  "pending-worker-invocation": { invocation: call },
  "cancel-pending-invocation": { fields: { idempotencyKey: "key-1" } },
  "pending-update": {
    fields: { targetVersion: 3, description: { tag: "snapshotBased", val: Uint8Array.of(1, 2) }, operation: undefined },
  },
  "successful-update": { fields: { targetVersion: 3, componentSize: 11, activePlugins: [plugin] } },
  "failed-update": { fields: { targetVersion: 3, details: undefined } },
  "grow-memory": { fields: { delta: 65_536 } },
  "create-resource": { fields: { resourceId: 1 } },
  "drop-resource": { fields: { resourceId: 1 } },
  "describe-resource": { fields: { resourceId: 1, resourceName: "cart", parameters: ['"user"'] } },
  log: { fields: { level: "critical", context: "here", message: "watch out" } },
  restart: { fields: {} },
  resumed: { fields: {} },
  revert: { fields: { region, operation: undefined } },
  "start-span": { fields: { spanId: "s", parentId: "p", startMs: 1, attributes: [["k", "v"]] } },
  "finish-span": { fields: { spanId: "s" } },
  "set-span-attribute": { fields: { spanId: "s", key: "k", value: "v" } },
  "activate-plugin": { fields: { plugin } },
  "deactivate-plugin": { fields: { plugin } },
};

function shown(kind: EntryKind): ShownEntry {
  return { kind, index: 9, timestampMs: 1_700_000_000_123, ...samples[kind] } as unknown as ShownEntry;
}

describe("publicEntry()", () => {
  for (const kind of Object.keys(entryTypes) as EntryKind[]) {
    it(`shows ${kind} as the schema says, without a field more`, () => {
      const json = publicEntry(shown(kind), worker);
      assert.equal(json.type, publicKinds[kind].type);
      assert.equal(json.timestamp, "2023-11-14T22:13:20.123Z");
      assert.deepEqual(publicOplogEntrySchema.parse(json), json);
    });
  }

  it("shows values with their types", () => {
    const invoked = publicEntry(shown("exported-function-invoked"), worker);
    assert.ok(invoked.type === "ExportedFunctionInvoked");
    assert.deepEqual(invoked.request[0]?.value, {
      "product-id": "G1000",
      size: { large: 18_446_744_073_709_551_615n },
      tags: ["new-one"],
      note: null,
      place: ["shelf", 7],
    });
    assert.equal(invoked.request[0].typ.type, "Record");
    const policy = publicEntry(shown("change-retry-policy"), worker);
    assert.ok(policy.type === "ChangeRetryPolicy");
    assert.deepEqual([policy.new_policy.min_delay, policy.new_policy.max_delay], ["100ms", "1m 30s"]);
  });
});

describe("searchTexts()", () => {
  const finds = (kind: EntryKind, query: string): boolean => parseQuery(query)(searchTexts(shown(kind)));

  it("finds every kind by its names", () => {
    for (const kind of Object.keys(entryTypes) as EntryKind[]) {
      const { plain, spelled } = publicKinds[kind];
      for (const name of [kind, kind.replaceAll("-", ""), plain, spelled]) assert.ok(finds(kind, name), name);
    }
  });

  it("finds what is in values, by paths of names, cases and indices", () => {
    const kind = "exported-function-invoked";
    for (const query of [
      "product-id:G1000",
      "item.product-id=G1000",
      "request.item.productId:g1000",
      "size:large",
      "size.large:18446744073709551615",
      "tags:new-one",
      "place.0:shelf",
      "place.1=7",
      '"add-item" key-1',
      "idempotencyKey:key-1",
    ]) {
      assert.ok(finds(kind, query), query);
    }
    for (const query of ["product-id:shelf", "tags:sale", "place.0:7", "size.none:1", "string", "record", "g1001"]) {
      assert.ok(!finds(kind, query), query);
    }
    assert.ok(finds("pending-worker-invocation", "product-id:G1000"));
    assert.ok(finds("exported-function-completed", "err:sold"));
    assert.ok(!finds("exported-function-completed", "ok:sold"));
    assert.ok(finds("failed-update", "3 NOT details"));
    assert.ok(finds("log", 'critical "watch out"'));
  });
});
