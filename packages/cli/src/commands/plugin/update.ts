import { defineCommand } from "../../command.ts";
import { CommandError, exitCodes } from "../../failure.ts";
import { installationOptions } from "../../plugin-parameters.ts";
import { pairs } from "../../pairs.ts";
import { findComponent } from "../../references.ts";

export const command = defineCommand({
  summary: "change how an installed plugin works, which makes a new version of the component",
  arguments: {
    component: { summary: "name, id or URN", completes: "component" },
    installation: { summary: 'id, as "emet plugin installations" shows it' },
  },
  options: installationOptions,
  examples: [
    { line: "emet plugin update cart INSTALLATION-ID --priority 5", summary: "Its parameters stay as they were." },
  ],
  run: async ({ args, options, session }) => {
    const { emet, out } = session;
    const { componentId, version } = (await findComponent(session, args.component)).versionedComponentId;
    const current = (await emet.plugins.installations(componentId, version)).find(({ id }) => id === args.installation);
    if (current === undefined) {
      throw new CommandError(`${args.component} has no installation ${args.installation}`, exitCodes.notFound);
    }
    const parameters = options.parameter.length === 0 ? current.parameters : pairs("--parameter", options.parameter);
    const change = { priority: options.priority ?? current.priority, parameters };
    await emet.plugins.updateInstallation(componentId, args.installation, change);
    out.note(`Updated ${current.name}`);
    await out.result({}, () => "");
  },
});
