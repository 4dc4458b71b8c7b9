/**
 * Which entries of a worker's oplog go to a plugin: those since its activation up to its deactivation, both of them
 * included. What was looked at is kept as data, so that each part is cut from the oplog once.
 */
import { ByteReader } from "../durability/codec/byte-reader.ts";
import { valueCodec } from "../durability/codec/value-codec.ts";
import { activePluginsAfter, pluginKinds } from "../durability/active-plugins.ts";
import type { PluginEntry } from "../durability/active-plugins.ts";
import { entryKind } from "../durability/oplog/decode-entry.ts";
import { entryTypes } from "../durability/oplog/entry-types.ts";
import type { PluginDescription } from "../durability/oplog/entry-types.ts";
import type { StoredEntry } from "../durability/oplog/stored-entry.ts";

/** Where reading goes on, and the component version that the worker has there. */
export interface OplogPlace {
  readonly index: number;
  readonly version: number;
}

/** Consecutive entries that go together. */
export interface OplogPart {
  readonly start: OplogPlace;
  readonly lastIndex: number;
  readonly plugin: PluginDescription;
}

export interface DeliveryProgress {
  /** What has not been looked at. */
  readonly next: OplogPlace;
  /** The plugin, if it is active there. */
  readonly active?: PluginDescription | undefined;
  /** On its way. */
  readonly part?: OplogPart | undefined;
}

const partEntriesMax = 200;
const partBytesMax = 512 * 1024;

/** The next part, with its entries; none if what there is has no entry for the plugin. */
export async function nextPart(
  { next, active }: DeliveryProgress,
  installationId: string,
  entries: AsyncIterable<StoredEntry>,
): Promise<{ readonly progress: DeliveryProgress; readonly entries: readonly StoredEntry[] }> {
  const taken: StoredEntry[] = [];
  let bytes = 0;
  let place = next;
  let current = active;
  let part: OplogPart | undefined;
  for await (const entry of entries) {
    const after = activeAfter(entry, current, installationId);
    // The entry that activates it is the first that it gets.
    const plugin = current ?? after;
    if (plugin !== undefined) {
      part = { start: place, plugin, ...part, lastIndex: entry.index };
      taken.push(entry);
      bytes += entry.payload.length;
    }
    current = after;
    place = { index: entry.index + 1, version: entry.version };
    if (part === undefined) continue;
    if (current !== part.plugin || taken.length >= partEntriesMax || bytes >= partBytesMax) break;
  }
  return { progress: { next: place, active: current, part }, entries: taken };
}

/** The entries of a part that was cut before. */
export async function entriesOf(part: OplogPart, entries: AsyncIterable<StoredEntry>): Promise<readonly StoredEntry[]> {
  const taken: StoredEntry[] = [];
  for await (const entry of entries) {
    taken.push(entry);
    if (entry.index >= part.lastIndex) break;
  }
  return taken;
}

const kinds: ReadonlySet<string> = new Set(pluginKinds);

function activeAfter(
  { code, payload }: StoredEntry,
  active: PluginDescription | undefined,
  installationId: string,
): PluginDescription | undefined {
  const kind = entryKind(code);
  if (!kinds.has(kind)) return active;
  const fields = valueCodec<PluginEntry["fields"]>(entryTypes[kind].fields.type).decode(new ByteReader(payload));
  const before = active === undefined ? [] : [active];
  return activePluginsAfter(before, { kind: kind as PluginEntry["kind"], fields }).find(
    (plugin) => plugin.installationId === installationId && plugin.processor !== undefined,
  );
}
