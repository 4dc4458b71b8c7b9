import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { entryText } from "../../oplog-text.ts";
import { findWorker } from "../../references.ts";
import { take } from "../../take.ts";

export const command = defineCommand({
  summary: "show what a worker did, entry by entry",
  arguments: { worker: workerArgument },
  options: {
    component: componentOption,
    from: { kind: "integer", value: "index", summary: "the first entry (default: 1)" },
    count: { kind: "integer", short: "n", value: "count", summary: "how many entries (default: all)" },
  },
  examples: [{ line: "emet oplog get cart/cart-1 --from 10 -n 5", summary: "Five entries." }],
  run: async ({ args, options: { component, from, count }, session }) => {
    const { id } = await findWorker(session, args.worker, component);
    const entries = take(session.emet.workers.oplog(id, { from: from ?? 1 }), count);
    await session.out.items(entries, { data: ({ oplogIndex, entry }) => [oplogIndex, entry], text: entryText });
  },
});
