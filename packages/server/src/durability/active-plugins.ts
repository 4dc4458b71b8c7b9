/** Which plugins a worker has active, as its entries tell. */
import type { OplogEntry, PluginDescription } from "./oplog/entry-types.ts";

/** The kinds of entries after which others may be active. */
export const pluginKinds = ["create", "successful-update", "activate-plugin", "deactivate-plugin"] as const;

export type PluginEntry = Extract<OplogEntry, { readonly kind: (typeof pluginKinds)[number] }>;

export function activePluginsAfter(
  active: readonly PluginDescription[],
  { kind, fields }: Pick<PluginEntry, "kind" | "fields">,
): readonly PluginDescription[] {
  switch (kind) {
    case "create":
    case "successful-update":
      return ("activePlugins" in fields ? fields.activePlugins : undefined) ?? active;
    case "activate-plugin":
      return "plugin" in fields ? [...without(active, fields.plugin), fields.plugin] : active;
    case "deactivate-plugin":
      return "plugin" in fields ? without(active, fields.plugin) : active;
  }
}

function without(active: readonly PluginDescription[], plugin: PluginDescription): readonly PluginDescription[] {
  return active.filter(({ installationId }) => installationId !== plugin.installationId);
}
