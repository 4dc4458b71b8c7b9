/** Keys and values in the database. */
import type { DatabaseSync } from "node:sqlite";
import type { EffectOrigin } from "../durability/effect.ts";
import type { KeyValueChange, KeyValueResult } from "../durability/key-value-store.ts";
import { watchEvents } from "../durability/watch-event.ts";
import { StoreError } from "../platform/store-error.ts";
import { addNumber, notNumber, readNumber, writeNumber } from "./key-value-number.ts";
import type { ObjectGarbage } from "./object-garbage.ts";
import type { OperationTable } from "./operation-table.ts";
import type { WatcherTable } from "./watcher-table.ts";
import { Statement } from "./statement.ts";

/** Expired rows that one write removes: more than it can add, so that they don't pile up. */
const sweptCount = 4;
/** How much one read of keys, or of values, gives. */
export const keysPageCount = 1000;
export const valuesBytesMax = 64 * 1024 * 1024;

type Place = [space: Uint8Array, key: Uint8Array, nowMs: number];

/** Long values are told by the file that they lie in. */
export type StoredValue = Uint8Array | { readonly file: string; readonly size: number };

export type StoredChange =
  | Exclude<KeyValueChange, { readonly kind: "set" }>
  | (Omit<Extract<KeyValueChange, { readonly kind: "set" }>, "entries"> & {
      readonly entries: readonly (readonly [key: string, value: StoredValue])[];
    });

export interface StoredChangeResult {
  readonly result: KeyValueResult;
  /** Files ended that are to be removed. */
  readonly ended: boolean;
  /** Workers are to be told of it: there are timers that are due. */
  readonly watched: boolean;
}

interface ValueRow {
  readonly size: number;
  readonly file: string | null;
  readonly value: Uint8Array | null;
}

export class KeyValueTable {
  readonly #operations: OperationTable;
  readonly #watchers: WatcherTable;
  readonly #garbage: ObjectGarbage;
  readonly #get: Statement<Place, ValueRow>;
  readonly #size: Statement<Place, { readonly size: number }>;
  readonly #keys: Statement<
    [space: Uint8Array, after: Uint8Array, nowMs: number, count: number],
    { readonly key: Uint8Array }
  >;
  readonly #set: Statement<
    [
      space: Uint8Array,
      key: Uint8Array,
      expiresMs: number | null,
      ...Stored: [number, string | null, Uint8Array | null],
    ]
  >;
  readonly #delete: Statement<[space: Uint8Array, key: Uint8Array], { readonly file: string | null }>;
  readonly #sweep: Statement<[nowMs: number, count: number], { readonly file: string | null }>;

  constructor(
    database: DatabaseSync,
    parts: { readonly operations: OperationTable; readonly watchers: WatcherTable; readonly garbage: ObjectGarbage },
  ) {
    this.#operations = parts.operations;
    this.#watchers = parts.watchers;
    this.#garbage = parts.garbage;
    const live = "(expires_ms IS NULL OR expires_ms > ?)";
    const where = `FROM key_values WHERE space = ? AND key = ? AND ${live}`;
    this.#get = new Statement(database, `SELECT size, file, value ${where}`);
    this.#size = new Statement(database, `SELECT size ${where}`);
    this.#keys = new Statement(
      database,
      `SELECT key FROM key_values WHERE space = ? AND key > ? AND ${live} ORDER BY key LIMIT ?`,
    );
    this.#set = new Statement(
      database,
      "INSERT INTO key_values (space, key, expires_ms, size, file, value) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#delete = new Statement(database, "DELETE FROM key_values WHERE space = ? AND key = ? RETURNING file");
    this.#sweep = new Statement(
      database,
      `DELETE FROM key_values WHERE rowid IN (SELECT rowid FROM key_values WHERE expires_ms <= ? LIMIT ?)
      RETURNING file`,
    );
  }

  get(space: string, keys: readonly string[], nowMs: number): (StoredValue | undefined)[] {
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
    return places.map((place) => {
      const row = this.#get.get(...place);
      if (row === undefined) return undefined;
      return row.file === null ? (row.value ?? new Uint8Array(0)) : { file: row.file, size: row.size };
    });
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

  write(change: StoredChange, origin: EffectOrigin, nowMs: number): StoredChangeResult {
    const before = this.#garbage.ended;
    let watched = false;
    const result = this.#operations.once(origin, () => {
      const made = this.#change(change, nowMs);
      watched = this.#watchers.tell(watchEvents(change, made), nowMs);
      return made;
    });
    return { result, ended: this.#garbage.ended !== before, watched };
  }

  #change(change: StoredChange, nowMs: number): KeyValueResult {
    const space = Buffer.from(change.space);
    switch (change.kind) {
      case "set":
        if (change.expiresMs !== undefined) this.#removeExpired(nowMs, sweptCount * change.entries.length);
        for (const [key, value] of change.entries) {
          this.#replace(space, Buffer.from(key), value, change.expiresMs);
        }
        return undefined;
      case "delete":
        for (const key of change.keys) this.#remove(space, Buffer.from(key));
        return undefined;
      case "increment": {
        const key = Buffer.from(change.key);
        const sum = addNumber(this.#number(space, key, nowMs), change.delta);
        this.#replace(space, key, writeNumber(sum));
        return sum;
      }
      case "compare-and-swap": {
        const key = Buffer.from(change.key);
        if (this.#number(space, key, nowMs) !== change.old) return false;
        this.#replace(space, key, writeNumber(change.new));
        return true;
      }
    }
  }

  // oxlint-disable-next-line max-params -- a row
  #replace(space: Uint8Array, key: Uint8Array, value: StoredValue, expiresMs?: number): void {
    const replaced = this.#delete.get(space, key);
    const isFile = "file" in value;
    const [size, file, bytes] = isFile ? [value.size, value.file, null] : [value.length, null, value];
    this.#set.run(space, key, expiresMs ?? null, size, file, bytes);
    this.#garbage.endFile(replaced?.file);
  }

  #remove(space: Uint8Array, key: Uint8Array): void {
    this.#garbage.endFile(this.#delete.get(space, key)?.file);
  }

  #removeExpired(nowMs: number, count: number): void {
    for (const { file } of this.#sweep.all(nowMs, count)) this.#garbage.endFile(file);
  }

  #number(space: Uint8Array, key: Uint8Array, nowMs: number): bigint {
    const row = this.#get.get(space, key, nowMs);
    if (row !== undefined && row.size !== 8) throw notNumber(row.size);
    return readNumber(row?.value ?? undefined);
  }
}
