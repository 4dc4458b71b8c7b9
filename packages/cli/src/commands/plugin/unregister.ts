import { defineCommand } from "../../command.ts";

export const command = defineCommand({
  summary: "remove a plugin from the registry",
  arguments: { name: { summary: "of the plugin", completes: "plugin" }, version: { summary: "of the plugin" } },
  options: {},
  examples: [{ line: "emet plugin unregister audit 1.0.0", summary: "One version of a plugin." }],
  run: async ({ args, session: { emet, out } }) => {
    await emet.plugins.unregister(args.name, args.version);
    out.note(`Unregistered ${args.name} ${args.version}`);
    await out.result({}, () => "");
  },
});
