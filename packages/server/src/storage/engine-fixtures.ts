/** Drives an engine without threads, for tests. */
import assert from "node:assert/strict";
import type { OplogAppend } from "../durability/oplog-store.ts";
import type { AppendBatch, CallFailure } from "./calls.ts";
import type { StorageEngine } from "./engine.ts";
import { commitGroup } from "./group.ts";
import { entryBytesMax, writeEntry } from "./journal-format.ts";
import { encodeEnvironment } from "./worker-rows.ts";

/** A client's message with one append. */
export function batchOf(append: OplogAppend): AppendBatch {
  const environment = Buffer.from(encodeEnvironment(append.row.env));
  const buffer = Buffer.alloc(entryBytesMax(append, environment.length));
  const end = writeEntry(buffer, 0, append, environment);
  return { firstNumber: 1, count: 1, bytes: new Uint8Array(buffer.buffer, buffer.byteOffset, end) };
}

/** Commits one append as a group of its own; returns why it failed, if it did. */
export function appendTo(engine: StorageEngine, append: OplogAppend): readonly CallFailure[] {
  const { outcomes } = commitGroup(engine, [batchOf(append)]);
  const [outcome] = outcomes;
  assert.ok(outcome !== undefined);
  return outcome.failures;
}

/** Moves all journal entries to the tables and does all other background work. */
export function moveAll(engine: StorageEngine): void {
  engine.mover.moveAll();
  while (engine.mover.hasWork) engine.mover.step(1);
}
