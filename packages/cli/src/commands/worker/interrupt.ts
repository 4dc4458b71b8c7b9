import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { findWorker } from "../../references.ts";

export const command = defineCommand({
  summary: "stop what a worker does until it is resumed or called",
  arguments: { worker: workerArgument },
  options: { component: componentOption },
  examples: [
    {
      line: "emet worker interrupt cart/cart-1",
      summary: 'Its call ends with an error; "emet worker resume" goes on with it.',
    },
  ],
  run: async ({ args, options, session }) => {
    const { emet, out } = session;
    const { id, component } = await findWorker(session, args.worker, options.component);
    await emet.workers.interrupt(id);
    out.note(`Interrupted ${component.componentName}/${id.workerName}`);
    await out.result({}, () => "");
  },
});
