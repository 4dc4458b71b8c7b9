import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { fields } from "../../output/text.ts";
import { findWorker, workerUrn } from "../../references.ts";

export const command = defineCommand({
  summary: "make a new worker with the history of another",
  arguments: { worker: workerArgument, target: { summary: "the new worker's name, without its component" } },
  options: {
    component: componentOption,
    upTo: {
      kind: "integer",
      value: "index",
      summary: "the last entry of the oplog to copy (default: everything so far)",
    },
  },
  examples: [{ line: "emet worker fork cart/cart-1 cart-1-copy", summary: "Two workers that differ from now on." }],
  run: async ({ args, options, session }) => {
    const { emet, out } = session;
    const { id, component } = await findWorker(session, args.worker, options.component);
    const workerId = await emet.workers.fork(id, args.target, options.upTo);
    const { componentName } = component;
    await out.result({ workerUrn: workerUrn(workerId) }, () =>
      fields([
        ["Worker", `${componentName}/${workerId.workerName}`],
        ["URN", workerUrn(workerId)],
      ]),
    );
  },
});
