import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { findWorker } from "../../references.ts";
import { workerData, workerText } from "../../views.ts";

export const command = defineCommand({
  summary: "show a worker's metadata",
  arguments: { worker: workerArgument },
  options: { component: componentOption },
  examples: [{ line: "emet worker get cart/cart-1", summary: "Status, version, updates, last error, and more." }],
  run: async ({ args, options, session }) => {
    const { id, component } = await findWorker(session, args.worker, options.component);
    const worker = await session.emet.workers.get(id);
    await session.out.result(workerData(worker), () => workerText(worker, component.componentName));
  },
});
