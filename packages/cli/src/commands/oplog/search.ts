import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { entryText } from "../../oplog-text.ts";
import { findWorker } from "../../references.ts";
import { take } from "../../take.ts";

export const command = defineCommand({
  summary: "find entries in what a worker did",
  details:
    'A query has words, "phrases", /regular expressions/ and fields (product-id:G1001), joined with AND, OR, NOT and ' +
    "parentheses. Words are looked for in kinds of entries, names of functions, values, errors and logs.",
  arguments: {
    worker: workerArgument,
    query: { summary: "the query; its words may be arguments of their own", variadic: true },
  },
  options: {
    component: componentOption,
    count: { kind: "integer", short: "n", value: "count", summary: "how many entries (default: all)" },
  },
  examples: [
    {
      line: "emet oplog search cart/cart-1 'imported-function AND NOT product-id:G1001'",
      summary: "Host calls that are about something else.",
    },
  ],
  run: async ({ args, options: { component, count }, session }) => {
    const { id } = await findWorker(session, args.worker, component);
    const entries = take(session.emet.workers.oplog(id, { query: args.query.join(" ") }), count);
    await session.out.items(entries, { data: ({ oplogIndex, entry }) => [oplogIndex, entry], text: entryText });
  },
});
