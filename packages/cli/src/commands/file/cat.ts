import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { findWorker } from "../../references.ts";

export const command = defineCommand({
  summary: "print a file of a worker",
  arguments: { worker: workerArgument, path: { summary: "the file" } },
  options: { component: componentOption },
  examples: [{ line: "emet file cat cart/cart-1 /data/prices.txt", summary: "Its bytes, whatever the format." }],
  run: async ({ args, options, session }) => {
    const { id } = await findWorker(session, args.worker, options.component);
    await session.out.bytes(await session.emet.workers.fileContents(id, args.path));
  },
});
