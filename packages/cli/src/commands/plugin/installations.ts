import { defineCommand } from "../../command.ts";
import { table } from "../../output/text.ts";
import { findComponent } from "../../references.ts";

export const command = defineCommand({
  summary: "show the plugins that a component has",
  arguments: { component: { summary: "name, id or URN", completes: "component" } },
  options: {
    version: { kind: "integer", short: "t", value: "version", summary: "which version (default: the latest)" },
  },
  examples: [{ line: "emet plugin installations cart", summary: "With their ids, for the commands that change them." }],
  run: async ({ args, options, session }) => {
    const component = await findComponent(session, args.component, options.version);
    const { componentId, version } = component.versionedComponentId;
    const installations = await session.emet.plugins.installations(componentId, version);
    const rows = installations.map((item) => [
      item.id,
      item.name,
      item.version,
      item.priority,
      Object.entries(item.parameters)
        .map(([name, value]) => `${name}=${value}`)
        .join(" "),
    ]);
    const titles = ["id", "plugin", "version", "priority", "parameters"];
    await session.out.result(installations, () =>
      table(
        titles.map((title) => ({ title })),
        rows,
      ),
    );
  },
});
