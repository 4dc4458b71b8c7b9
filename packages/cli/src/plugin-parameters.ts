import type { PluginInstallation } from "@emet/contract/client";
import type { OptionSpec } from "./command.ts";
import { fields } from "./output/text.ts";

/** Options of commands that say how a plugin works in a component. */
export const installationOptions = {
  priority: { kind: "integer", value: "number", summary: "plugins work in ascending order of it (default: 0)" },
  parameter: { kind: "list", short: "p", value: "NAME=VALUE", summary: "a parameter of the plugin; repeatable" },
} as const satisfies { readonly [name: string]: OptionSpec };

export function installationText({ id, name, version, priority, parameters }: PluginInstallation): string {
  return fields([
    ["Installation", id],
    ["Plugin", `${name} ${version}`],
    ["Priority", priority],
    ["Parameters", Object.entries(parameters).map(([key, value]) => `${key}=${value}`)],
  ]);
}
