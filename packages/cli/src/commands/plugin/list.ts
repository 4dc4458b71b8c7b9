import { defineCommand } from "../../command.ts";
import { usageError } from "../../failure.ts";
import { table } from "../../output/text.ts";
import { findComponent } from "../../references.ts";

export const command = defineCommand({
  summary: "show the registered plugins",
  arguments: {},
  options: {
    global: { kind: "flag", summary: "only those for all components" },
    component: {
      kind: "text",
      short: "c",
      value: "component",
      summary: "those that this component can have",
      completes: "component",
    },
  },
  examples: [{ line: "emet plugin list", summary: "All of them." }],
  run: async ({ options: { global, component }, session }) => {
    const { emet, out } = session;
    if (global && component !== undefined) throw usageError("only one of --global and --component can be given");
    const owner = component === undefined ? undefined : await findComponent(session, component);
    const ofComponent = owner === undefined ? undefined : { componentId: owner.versionedComponentId.componentId };
    const plugins = await emet.plugins.list(global ? { global: true } : ofComponent);
    const rows = plugins.map(({ name, version, specs, scope, description }) => [
      name,
      version,
      specs.type,
      scope.type === "Global" ? "all components" : scope.componentId,
      description,
    ]);
    const titles = ["name", "version", "type", "for", "description"];
    await out.result(plugins, () =>
      table(
        titles.map((title) => ({ title })),
        rows,
      ),
    );
  },
});
