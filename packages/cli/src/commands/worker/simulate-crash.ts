import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { findWorker } from "../../references.ts";

export const command = defineCommand({
  summary: "drop a worker from memory and recover it at once",
  details: "Callers wait on, and get their results: it shows that a worker survives a crash.",
  arguments: { worker: workerArgument },
  options: { component: componentOption },
  examples: [{ line: "emet worker simulate-crash cart/cart-1", summary: "Its callers don't notice." }],
  run: async ({ args, options, session }) => {
    const { emet, out } = session;
    const { id, component } = await findWorker(session, args.worker, options.component);
    await emet.workers.simulateCrash(id);
    out.note(`Recovered ${component.componentName}/${id.workerName}`);
    await out.result({}, () => "");
  },
});
