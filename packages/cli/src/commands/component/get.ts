import { defineCommand } from "../../command.ts";
import { findComponent } from "../../references.ts";
import { componentData, componentText } from "../../views.ts";

export const command = defineCommand({
  summary: "show a component and the functions that it exports",
  arguments: { component: { summary: "name, id or URN", completes: "component" } },
  options: {
    version: { kind: "integer", short: "t", value: "version", summary: "which version (default: the latest)" },
  },
  examples: [{ line: "emet component get cart", summary: "Its latest version, and the signatures of its exports." }],
  run: async ({ args, options, session }) => {
    const component = await findComponent(session, args.component, options.version);
    await session.out.result(componentData(component), () => componentText(component));
  },
});
