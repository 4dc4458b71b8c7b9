import { defineCommand } from "../../command.ts";
import { bytes, table } from "../../output/text.ts";
import { latestComponents } from "../../references.ts";
import { componentData } from "../../views.ts";

export const command = defineCommand({
  summary: "show all components, or all versions of one",
  arguments: { name: { summary: "of this component every version", optional: true, completes: "component" } },
  options: {},
  examples: [
    { line: "emet component list", summary: "The latest version of every component." },
    { line: "emet component list cart", summary: "Every version of one component." },
  ],
  run: async ({ args: { name }, session }) => {
    const components = name === undefined ? await latestComponents(session) : await session.emet.components.list(name);
    const rows = components.map(({ componentName, versionedComponentId, componentType, componentSize, createdAt }) => [
      componentName,
      versionedComponentId.version,
      componentType,
      bytes(componentSize),
      createdAt,
      versionedComponentId.componentId,
    ]);
    const titles = ["name", "version", "type", "size", "created at", "id"];
    await session.out.result(components.map(componentData), () =>
      table(
        titles.map((title) => ({ title })),
        rows,
      ),
    );
  },
});
