/** One group: all writes that waited at a moment, in one transaction. Each fails alone, or all do with the transaction. */
import { StoreError } from "../platform/store-error.ts";
import type { AppendBatch, Call, CallFailure, WriteCalls } from "./calls.ts";
import type { StorageEngine } from "./engine.ts";
import { fenceBytes, JournalEntry } from "./journal-format.ts";
import { isRefusedValue, toStoreError } from "./sqlite-error.ts";

export type WriteItem = AppendBatch | Call;

export function isBatch(item: WriteItem): item is AppendBatch {
  return "bytes" in item;
}

/** What became of one item, in the order of the items. */
export interface WriteOutcome {
  readonly failures: readonly CallFailure[];
  /** The result of a call that didn't fail. */
  readonly value?: unknown;
}

export interface GroupOutcome {
  readonly outcomes: readonly WriteOutcome[];
  /** Why the transaction failed, if it did: then every item did. */
  readonly error: unknown;
}

function failureOf(number: number, error: StoreError): CallFailure {
  return { number, code: error.code, message: error.message };
}

/** Runs `action`; a refusal is returned, any other error ends the group. */
function refusalOf(number: number, action: () => void): CallFailure | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof StoreError) return failureOf(number, error);
    if (isRefusedValue(error)) return failureOf(number, toStoreError(error, "write"));
    throw error;
  }
}

function stageBatch(engine: StorageEngine, batch: AppendBatch): WriteOutcome {
  const { bytes, firstNumber, count } = batch;
  const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const failures: CallFailure[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const incoming = new JournalEntry(message, at + fenceBytes);
    at = incoming.end;
    const failure = refusalOf(firstNumber + index, () => engine.writer.append(incoming));
    if (failure !== undefined) failures.push(failure);
  }
  return { failures };
}

function stageCall(engine: StorageEngine, call: Call): WriteOutcome {
  let value: unknown;
  const failure = refusalOf(call.number, () => {
    const write = engine.writes[call.name as keyof WriteCalls] as (...parameters: readonly unknown[]) => unknown;
    value = write(...call.parameters);
  });
  return failure === undefined ? { failures: [], value } : { failures: [failure] };
}

/** The same failure for everything in an item. */
export function failItem(item: WriteItem, error: StoreError): WriteOutcome {
  if (!isBatch(item)) return { failures: [failureOf(item.number, error)] };
  const failures = Array.from({ length: item.count }, (_, index) => failureOf(item.firstNumber + index, error));
  return { failures };
}

/** Commits the items; durable when it returns without an error. */
export function commitGroup(engine: StorageEngine, items: readonly WriteItem[]): GroupOutcome {
  let bytes = 0;
  for (const item of items) if (isBatch(item)) bytes += item.bytes.length;
  const { transactions, writer } = engine;
  try {
    writer.begin(bytes);
    transactions.begin();
    const outcomes = items.map((item) => (isBatch(item) ? stageBatch(engine, item) : stageCall(engine, item)));
    writer.write();
    transactions.commit();
    writer.committed();
    return { outcomes, error: undefined };
  } catch (error) {
    writer.rolledBack();
    const reason = toStoreError(error, "write");
    let cause: unknown = error;
    try {
      transactions.rollback();
    } catch (rollbackError) {
      cause = new AggregateError([error, rollbackError], "cannot roll back a failed transaction");
    }
    return { outcomes: items.map((item) => failItem(item, reason)), error: cause };
  }
}
