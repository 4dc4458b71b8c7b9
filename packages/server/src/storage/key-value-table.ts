/** Keys and values in the database. */
import type { DatabaseSync } from "node:sqlite";
import type { EffectOrigin } from "../durability/effect.ts";
import type { KeyValueChange, KeyValueResult } from "../durability/key-value-store.ts";
import { StoreError } from "../platform/store-error.ts";
import { addNumber, readNumber, writeNumber } from "./key-value-number.ts";
import type { OperationTable } from "./operation-table.ts";
import { Statement } from "./statement.ts";

/** Expired rows that one write removes: more than it can add, so that they don't pile up. */
const sweptCount = 4;
/** How much one read of keys, or of values, gives. */
export const keysPageCount = 1000;
export const valuesBytesMax = 64 * 1024 * 1024;

type Place = [space: Uint8Array, key: Uint8Array, nowMs: number];

export class KeyValueTable {
  readonly #operations: OperationTable;
  readonly #get: Statement<Place, { readonly value: Uint8Array }>;
  readonly #size: Statement<Place, { readonly size: number }>;
  readonly #keys: Statement<
    [space: Uint8Array, after: Uint8Array, nowMs: number, count: number],
    { readonly key: Uint8Array }
  >;
  readonly #set: Statement<[space: Uint8Array, key: Uint8Array, expiresMs: number | null, value: Uint8Array]>;
  readonly #delete: Statement<[space: Uint8Array, key: Uint8Array]>;
  readonly #sweep: Statement<[nowMs: number, count: number]>;

  constructor(database: DatabaseSync, operations: OperationTable) {
    this.#operations = operations;
    const live = "(expires_ms IS NULL OR expires_ms > ?)";
    const where = `FROM key_values WHERE space = ? AND key = ? AND ${live}`;
    this.#get = new Statement(database, `SELECT value ${where}`);
    this.#size = new Statement(database, `SELECT length(value) AS size ${where}`);
    this.#keys = new Statement(
      database,
      `SELECT key FROM key_values WHERE space = ? AND key > ? AND ${live} ORDER BY key LIMIT ?`,
    );
    this.#set = new Statement(
      database,
      "INSERT OR REPLACE INTO key_values (space, key, expires_ms, value) VALUES (?, ?, ?, ?)",
    );
    this.#delete = new Statement(database, "DELETE FROM key_values WHERE space = ? AND key = ?");
    this.#sweep = new Statement(
      database,
      "DELETE FROM key_values WHERE rowid IN (SELECT rowid FROM key_values WHERE expires_ms <= ? LIMIT ?)",
    );
  }

  get(space: string, keys: readonly string[], nowMs: number): (Uint8Array | undefined)[] {
    const spaceBytes = Buffer.from(space);
    const places = keys.map((key): Place => [spaceBytes, Buffer.from(key), nowMs]);
    // One value is as long as it was allowed to be; of many the sum counts.
    if (places.length > 1) {
      let bytes = 0;
      for (const place of places) bytes += this.#size.get(...place)?.size ?? 0;
      if (bytes > valuesBytesMax) {
        throw new StoreError("failed", `the values have ${bytes} bytes together: at most ${valuesBytesMax} at a time`);
      }
    }
    return places.map((place) => this.#get.get(...place)?.value);
  }

  exists(space: string, key: string, nowMs: number): boolean {
    return this.#size.get(Buffer.from(space), Buffer.from(key), nowMs) !== undefined;
  }

  keys(space: string, after: string | undefined, nowMs: number): string[] {
    // No key is before the empty one, and that one isn't after itself: it is looked for on its own.
    const first = after === undefined && this.exists(space, "", nowMs) ? [""] : [];
    const rows = this.#keys.all(Buffer.from(space), Buffer.from(after ?? ""), nowMs, keysPageCount);
    return [...first, ...rows.map((row) => Buffer.from(row.key).toString())];
  }

  write(change: KeyValueChange, origin: EffectOrigin, nowMs: number): KeyValueResult {
    return this.#operations.once(origin, () => this.#change(change, nowMs));
  }

  #change(change: KeyValueChange, nowMs: number): KeyValueResult {
    const space = Buffer.from(change.space);
    switch (change.kind) {
      case "set":
        if (change.expiresMs !== undefined) this.#sweep.run(nowMs, sweptCount * change.entries.length);
        for (const [key, value] of change.entries) {
          this.#set.run(space, Buffer.from(key), change.expiresMs ?? null, value);
        }
        return undefined;
      case "delete":
        for (const key of change.keys) this.#delete.run(space, Buffer.from(key));
        return undefined;
      case "increment": {
        const key = Buffer.from(change.key);
        const sum = addNumber(readNumber(this.#get.get(space, key, nowMs)?.value), change.delta);
        this.#set.run(space, key, null, writeNumber(sum));
        return sum;
      }
      case "compare-and-swap": {
        const key = Buffer.from(change.key);
        if (readNumber(this.#get.get(space, key, nowMs)?.value) !== change.old) return false;
        this.#set.run(space, key, null, writeNumber(change.new));
        return true;
      }
    }
  }
}
