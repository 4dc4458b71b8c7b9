import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { findWorker } from "../../references.ts";

export const command = defineCommand({
  summary: "let a worker that was interrupted or sleeps go on",
  arguments: { worker: workerArgument },
  options: { component: componentOption },
  examples: [{ line: "emet worker resume cart/cart-1", summary: "It goes on where it was." }],
  run: async ({ args, options, session }) => {
    const { emet, out } = session;
    const { id, component } = await findWorker(session, args.worker, options.component);
    await emet.workers.resume(id);
    out.note(`Resumed ${component.componentName}/${id.workerName}`);
    await out.result({}, () => "");
  },
});
