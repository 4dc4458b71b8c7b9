import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { DecodeError } from "./codec/byte-reader.ts";
import { TestOplog } from "./oplog-for-tests.ts";
import { entryTypes } from "./oplog/entry-types.ts";
import type { OplogRegion } from "./oplog/entry-types.ts";
import { ReplayCursor } from "./replay-cursor.ts";

type Kind = "no-op" | "begin-atomic-region" | "suspend" | "log";

const kinds = fc.constantFrom<Kind[]>("no-op", "begin-atomic-region", "suspend", "log");
const regions = fc.array(
  fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.nat({ max: 10 }))
    .map(([start, length]) => ({ start, end: start + length })),
  { maxLength: 4 },
);

/** Entries in chunks; a commit follows where `commits` says so. */
async function stored(entries: readonly Kind[], commits: readonly boolean[]): Promise<TestOplog> {
  const oplog = new TestOplog();
  const writer = oplog.writer();
  for (const [position, kind] of entries.entries()) {
    if (kind === "log") writer.append("log", { level: "info", context: "", message: String(position + 1) });
    else writer.append(kind, {});
    if (commits[position] === true) await writer.commit();
  }
  await writer.commit();
  return oplog;
}

function inside(deleted: readonly OplogRegion[], index: number): boolean {
  return deleted.some((region) => index >= region.start && index <= region.end);
}

describe("ReplayCursor", () => {
  it("visits all records but hints and deleted ones, and keeps the lines logged behind the last", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(kinds, { maxLength: 40 }),
        fc.array(fc.boolean(), { maxLength: 40 }),
        regions,
        async (entries, commits, deleted) => {
          const oplog = await stored(entries, commits);
          const cursor = new ReplayCursor(oplog.chunks, deleted, oplog.payloads);
          const seen: (readonly [index: number, kind: string])[] = [];
          for (; !cursor.done; cursor.next()) seen.push([cursor.index, cursor.kind]);
          const kept = entries.map((kind, position) => [position + 1, kind] as const);
          const replayed = kept.filter(([index, kind]) => !entryTypes[kind].hint && !inside(deleted, index));
          assert.deepEqual(seen, replayed);
          const last = replayed.at(-1)?.[0] ?? 0;
          const logged = kept.filter(([index, kind]) => kind === "log" && index > last && !inside(deleted, index));
          assert.deepEqual(
            cursor.trailingLogs().map((line) => line.message),
            logged.map(([index]) => String(index)),
          );
        },
      ),
    );
  });

  it("reads fields where they lie, also beside the record", async () => {
    const oplog = new TestOplog();
    const writer = oplog.writer();
    const request = new Uint8Array(100_000).fill(1);
    writer.append("exported-function-invoked", {
      functionName: "f",
      idempotencyKey: "k",
      request,
      trace: undefined,
      callers: undefined,
    });
    writer.append("end-atomic-region", { beginIndex: 7 });
    await writer.commit();
    const cursor = new ReplayCursor(oplog.chunks, [], oplog.payloads);
    assert.deepEqual(cursor.fields("exported-function-invoked").request, request);
    cursor.next();
    assert.deepEqual(cursor.fields("end-atomic-region"), { beginIndex: 7 });
    cursor.next();
    assert.throws(() => cursor.kind, DecodeError);
  });
});
