/** Which plugins a worker has active, as its entries tell. */
import type { OplogEntry, OplogRegion, PluginDescription } from "./oplog/entry-types.ts";

/** The kinds of entries after which others may be active. */
export const pluginKinds = ["create", "successful-update", "revert", "activate-plugin", "deactivate-plugin"] as const;

export type PluginEntry = Extract<OplogEntry, { readonly kind: (typeof pluginKinds)[number] }>;

/** An entry after which others may be active. */
export type PluginChange = Pick<PluginEntry, "kind" | "fields"> & { readonly index: number };

export function activePluginsAfter(
  active: readonly PluginDescription[],
  { kind, fields }: Omit<PluginChange, "index">,
): readonly PluginDescription[] {
  switch (kind) {
    case "create":
    case "successful-update":
    case "revert":
      return ("activePlugins" in fields ? fields.activePlugins : undefined) ?? active;
    case "activate-plugin":
      return "plugin" in fields ? [...without(active, fields.plugin), fields.plugin] : active;
    case "deactivate-plugin":
      return "plugin" in fields ? without(active, fields.plugin) : active;
  }
}

/** Those of a worker that voids a region: what updates in it had changed is undone, what operators switched stays. */
export function activePluginsWithout(
  changes: readonly PluginChange[],
  { start, end }: OplogRegion,
): readonly PluginDescription[] {
  return changes
    .filter(({ kind, index }) => (kind !== "successful-update" && kind !== "revert") || index < start || index > end)
    .reduce<readonly PluginDescription[]>(activePluginsAfter, []);
}

function without(active: readonly PluginDescription[], plugin: PluginDescription): readonly PluginDescription[] {
  return active.filter(({ installationId }) => installationId !== plugin.installationId);
}
