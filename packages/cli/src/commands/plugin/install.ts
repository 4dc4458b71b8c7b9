import { defineCommand } from "../../command.ts";
import { installationOptions, installationText } from "../../plugin-parameters.ts";
import { pairs } from "../../pairs.ts";
import { findComponent } from "../../references.ts";

export const command = defineCommand({
  summary: "install a plugin in a component, which makes a new version of it",
  arguments: {
    component: { summary: "name, id or URN", completes: "component" },
    name: { summary: "of the plugin", completes: "plugin" },
    version: { summary: "of the plugin" },
  },
  options: installationOptions,
  examples: [{ line: "emet plugin install cart audit 1.0.0 -p target=log", summary: "With a parameter." }],
  run: async ({ args, options, session }) => {
    const { componentId } = (await findComponent(session, args.component)).versionedComponentId;
    const { name, version } = args;
    const parameters = pairs("--parameter", options.parameter);
    const plugin = { name, version, priority: options.priority ?? 0, parameters };
    const installation = await session.emet.plugins.install(componentId, plugin);
    await session.out.result(installation, () => installationText(installation));
  },
});
