/** Oplogs recorded by earlier servers replay, and one that was altered is told from them. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { describe, it } from "node:test";
import { DivergenceError } from "../../packages/server/src/durability/errors.ts";
import { framesOf } from "../../packages/server/src/durability/oplog/decode-entry.ts";
import type { IndexedFrame } from "../../packages/server/src/durability/oplog/decode-entry.ts";
import type { EntryKind } from "../../packages/server/src/durability/oplog/entry-types.ts";
import type { OplogChunk } from "../../packages/server/src/durability/oplog-store.ts";
import { imageForTests, replayWorker, servicesForTests } from "../../packages/server/src/worker/guest-for-tests.ts";
import type { TestRun } from "../../packages/server/src/worker/guest-for-tests.ts";
import { readHistory } from "./history.ts";

async function replayed(component: Uint8Array, chunks: readonly OplogChunk[]): Promise<TestRun> {
  const services = servicesForTests();
  const oplogs = {
    ...services.oplogs,
    append: () => Promise.resolve(),
    read: () => Promise.resolve({ chunks, nextIndex: undefined }),
  };
  return await replayWorker(await imageForTests(component), { ...services, oplogs });
}

/** A copy in which `change` was let loose on the first record of a kind. */
function altered(
  chunks: readonly OplogChunk[],
  kind: EntryKind,
  change: (records: Uint8Array, record: IndexedFrame) => void,
): readonly OplogChunk[] {
  const copies = chunks.map((chunk) => ({ ...chunk, records: chunk.records.slice() }));
  for (const chunk of copies) {
    for (const record of framesOf(chunk)) {
      if (record.kind !== kind) continue;
      change(chunk.records, record);
      return copies;
    }
  }
  throw new Error(`there is no ${kind}`);
}

const flip = (records: Uint8Array, position: number): void => {
  records[position] = (records[position] ?? 0) ^ 0x01;
};

const names = (await readdir(import.meta.dirname))
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.slice(0, -".json".length));

describe("recorded histories", () => {
  for (const name of names) {
    it(`${name} replays to the state that it had`, async () => {
      const { component, chunks } = await readHistory(name);
      const { instance, invoke, session } = await replayed(component, chunks);
      assert.equal(instance.context.durable.live, true);
      assert.equal(session.state.status, "Idle");
      assert.match(await invoke("sum"), /"value":\[49\]/u);
      assert.match(await invoke("read"), /"value":\[\[101,109\]\]/u);
    });

    it(`${name} fails where another function was recorded`, async () => {
      const { component, chunks } = await readHistory(name);
      const copy = altered(chunks, "imported-function-invoked", (records, { frame }) =>
        flip(records, frame.payloadStart),
      );
      await assert.rejects(replayed(component, copy), (error) => {
        assert.ok(error instanceof DivergenceError);
        assert.equal(error.expected, "cli::preopens::get_directories");
        return true;
      });
    });

    it(`${name} fails where another result was recorded`, async () => {
      const { component, chunks } = await readHistory(name);
      // The response is a byte string, of which the first byte is the length.
      const copy = altered(chunks, "exported-function-completed", (records, { frame }) =>
        flip(records, frame.payloadStart + 1),
      );
      await assert.rejects(replayed(component, copy), (error) => {
        assert.ok(error instanceof DivergenceError);
        assert.match(error.message, /expected the recorded result of add, found another result/u);
        return true;
      });
    });
  }
});
