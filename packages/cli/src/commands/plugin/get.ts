import { defineCommand } from "../../command.ts";
import { fields } from "../../output/text.ts";

export const command = defineCommand({
  summary: "show a plugin",
  arguments: { name: { summary: "of the plugin", completes: "plugin" }, version: { summary: "of the plugin" } },
  options: {},
  examples: [{ line: "emet plugin get audit 1.0.0", summary: "One version of a plugin." }],
  run: async ({ args, session: { emet, out } }) => {
    const plugin = await emet.plugins.get(args.name, args.version);
    const { type, ...specs } = plugin.specs;
    await out.result(plugin, () =>
      fields([
        ["Plugin", plugin.name],
        ["Version", plugin.version],
        ["Description", plugin.description],
        ["Homepage", plugin.homepage],
        ["For", plugin.scope.type === "Global" ? "all components" : plugin.scope.componentId],
        ["Type", type],
        ...Object.entries(specs).map(([name, value]) => [name, value as string | number | null] as const),
      ]),
    );
  },
});
