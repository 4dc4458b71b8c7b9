import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { table } from "../../output/text.ts";
import { findWorker } from "../../references.ts";

export const command = defineCommand({
  summary: "show the promises that a worker made",
  arguments: { worker: workerArgument },
  options: { component: componentOption },
  examples: [{ line: "emet promise list cart/cart-1", summary: "Which are pending, and their numbers." }],
  run: async ({ args, options, session }) => {
    const { id } = await findWorker(session, args.worker, options.component);
    const promises = await Array.fromAsync(session.emet.promises.list(id));
    const rows = promises.map(({ promiseId, state }) => [promiseId.oplogIdx, state]);
    const columns = [{ title: "promise", align: "right" }, { title: "state" }] as const;
    await session.out.result({ promises }, () => table(columns, rows));
  },
});
