import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { findWorker } from "../../references.ts";

export const command = defineCommand({
  summary: "stop a plugin of the component working for one worker",
  arguments: {
    worker: workerArgument,
    installation: { summary: 'id of the installation, as "emet plugin installations" shows it' },
  },
  options: { component: componentOption },
  examples: [
    {
      line: "emet worker deactivate-plugin cart/cart-1 INSTALLATION-ID",
      summary: "The installation by its id.",
    },
  ],
  run: async ({ args, options, session }) => {
    const { emet, out } = session;
    const { id } = await findWorker(session, args.worker, options.component);
    await emet.workers.deactivatePlugin(id, args.installation);
    out.note("Deactivated the plugin");
    await out.result({}, () => "");
  },
});
