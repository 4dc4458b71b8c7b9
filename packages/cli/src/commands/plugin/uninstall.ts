import { defineCommand } from "../../command.ts";
import { findComponent } from "../../references.ts";

export const command = defineCommand({
  summary: "remove a plugin from a component, which makes a new version of it",
  arguments: {
    component: { summary: "name, id or URN", completes: "component" },
    installation: { summary: 'id, as "emet plugin installations" shows it' },
  },
  options: {},
  examples: [{ line: "emet plugin uninstall cart INSTALLATION-ID", summary: "Workers on older versions keep it." }],
  run: async ({ args, session }) => {
    const { componentId } = (await findComponent(session, args.component)).versionedComponentId;
    await session.emet.plugins.uninstall(componentId, args.installation);
    session.out.note("Uninstalled the plugin");
    await session.out.result({}, () => "");
  },
});
