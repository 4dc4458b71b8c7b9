/** What a worker is told of a change in the key-value store: a timer that is due at once, with the event as its payload. */
import { enumeration, record, string } from "./codec/schema.ts";
import type { SchemaValue } from "./codec/schema.ts";
import { decodeValue, encodeValue } from "./codec/value-codec.ts";
import type { KeyValueChange, KeyValueResult } from "./key-value-store.ts";

const watchEvent = record({ kind: enumeration("on-set", "on-delete"), space: string, key: string });

export type WatchEvent = SchemaValue<typeof watchEvent>;

const namePrefix = "watch:";

/** Names sort as the events came. */
export function watchTimerName(number: number): string {
  return `${namePrefix}${String(number).padStart(16, "0")}`;
}

export function isWatchTimer(name: string): boolean {
  return name.startsWith(namePrefix);
}

export function encodeWatchEvent(event: WatchEvent): Uint8Array<ArrayBuffer> {
  return encodeValue<WatchEvent>(watchEvent.type, event);
}

/** Undefined for timers of other things. */
export function watchEventOf(timer: {
  readonly name: string;
  readonly payload?: Uint8Array | undefined;
}): WatchEvent | undefined {
  if (!isWatchTimer(timer.name) || timer.payload === undefined) return undefined;
  return decodeValue<WatchEvent>(watchEvent.type, timer.payload);
}

/** The events of a change that was made. */
export function watchEvents(
  change: Pick<KeyValueChange, "kind" | "space"> & {
    readonly entries?: readonly (readonly [key: string, value: unknown])[];
    readonly keys?: readonly string[];
    readonly key?: string;
  },
  result: KeyValueResult,
): readonly WatchEvent[] {
  const { kind, space, entries = [], keys = [], key } = change;
  if (kind === "set") return entries.map(([name]) => ({ kind: "on-set", space, key: name }));
  if (kind === "delete") return keys.map((name) => ({ kind: "on-delete", space, key: name }));
  return key === undefined || result === false ? [] : [{ kind: "on-set", space, key }];
}
