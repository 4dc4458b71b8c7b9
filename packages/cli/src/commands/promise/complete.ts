import { defineCommand } from "../../command.ts";
import { usageError } from "../../failure.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { findWorker } from "../../references.ts";
import { readInput } from "../../uploads.ts";

export const command = defineCommand({
  summary: "complete a promise, which wakes the worker that waits for it",
  arguments: {
    worker: workerArgument,
    promise: { summary: "its number: the index of the oplog at which it was made" },
    data: { summary: "what the worker gets, as text (default: nothing)", optional: true },
  },
  options: {
    component: componentOption,
    file: {
      kind: "text",
      value: "file",
      summary: "what the worker gets, from a file; - is standard input",
      completes: "file",
    },
  },
  examples: [{ line: "emet promise complete cart/cart-1 17 paid", summary: "The worker goes on with the text." }],
  run: async ({ args, options: { component, file }, session }) => {
    if (!/^\d{1,15}$/u.test(args.promise)) throw usageError(`"${args.promise}" is not a promise's number`);
    if (file !== undefined && args.data !== undefined) throw usageError("only one of --file and the text can be given");
    const { id } = await findWorker(session, args.worker, component);
    const data = file === undefined ? new TextEncoder().encode(args.data ?? "") : await readInput(file);
    const completed = await session.emet.promises.complete(id, Number(args.promise), data);
    await session.out.result(completed, () => (completed ? "completed" : "it was completed before"));
  },
});
