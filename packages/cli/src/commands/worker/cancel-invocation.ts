import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { findWorker } from "../../references.ts";

export const command = defineCommand({
  summary: "cancel a call that waits for its turn",
  details: "A call that runs or has ended isn't cancelled.",
  arguments: { worker: workerArgument, key: { summary: "the call's idempotency key" } },
  options: { component: componentOption },
  examples: [{ line: "emet worker cancel-invocation cart/cart-1 order-7", summary: "Tells whether it was cancelled." }],
  run: async ({ args, options, session }) => {
    const { emet, out } = session;
    const { id } = await findWorker(session, args.worker, options.component);
    const canceled = await emet.workers.cancelInvocation(id, args.key);
    await out.result({ canceled }, () => (canceled ? "canceled" : "not canceled: it runs, or has ended"));
  },
});
