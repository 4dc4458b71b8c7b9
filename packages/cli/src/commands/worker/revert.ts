import type { RevertTarget } from "@emet/contract/client";
import { defineCommand } from "../../command.ts";
import { usageError } from "../../failure.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { findWorker } from "../../references.ts";

export const command = defineCommand({
  summary: "undo what a worker did last",
  arguments: { worker: workerArgument },
  options: {
    component: componentOption,
    lastOplogIndex: { kind: "integer", value: "index", summary: "the last entry of the oplog that stays" },
    numberOfInvocations: { kind: "integer", value: "count", summary: "how many calls to undo" },
  },
  examples: [
    {
      line: "emet worker revert cart/cart-1 --number-of-invocations 1",
      summary: "As if the last call had never been.",
    },
  ],
  run: async ({ args, options, session }) => {
    const { emet, out } = session;
    const target = targetOf(options.lastOplogIndex, options.numberOfInvocations);
    const { id, component } = await findWorker(session, args.worker, options.component);
    await emet.workers.revert(id, target);
    out.note(`Reverted ${component.componentName}/${id.workerName}`);
    await out.result({}, () => "");
  },
});

function targetOf(lastOplogIndex: number | undefined, numberOfInvocations: number | undefined): RevertTarget {
  if ((lastOplogIndex === undefined) === (numberOfInvocations === undefined)) {
    throw usageError("one of --last-oplog-index and --number-of-invocations must be given");
  }
  if (lastOplogIndex !== undefined) return { type: "revertToOplogIndex", lastOplogIndex };
  return { type: "revertLastInvocations", numberOfInvocations: numberOfInvocations ?? 1 };
}
