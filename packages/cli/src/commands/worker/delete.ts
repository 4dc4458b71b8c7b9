import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { findWorker } from "../../references.ts";

export const command = defineCommand({
  summary: "delete a worker with all that it did",
  arguments: { worker: workerArgument },
  options: { component: componentOption },
  examples: [{ line: "emet worker delete cart/cart-1", summary: "Nothing of it stays." }],
  run: async ({ args, options, session }) => {
    const { emet, out } = session;
    const { id, component } = await findWorker(session, args.worker, options.component);
    await emet.workers.delete(id);
    out.note(`Deleted ${component.componentName}/${id.workerName}`);
    await out.result({}, () => "");
  },
});
