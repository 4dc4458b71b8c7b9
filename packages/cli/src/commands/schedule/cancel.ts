import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { findWorker } from "../../references.ts";

export const command = defineCommand({
  summary: "cancel a call that is to come",
  arguments: { worker: workerArgument, id: { summary: 'as "emet schedule list" shows it' } },
  options: { component: componentOption },
  examples: [{ line: "emet schedule cancel cart/cart-1 SCHEDULE-ID", summary: "Tells whether it was still to come." }],
  run: async ({ args, options, session }) => {
    const { id } = await findWorker(session, args.worker, options.component);
    const canceled = await session.emet.schedules.cancel(id, args.id);
    await session.out.result({ canceled }, () => (canceled ? "canceled" : "not canceled: it is not to come any more"));
  },
});
