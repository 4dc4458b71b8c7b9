import { writeFile } from "node:fs/promises";
import { posix } from "node:path";
import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { bytes } from "../../output/text.ts";
import { findWorker } from "../../references.ts";

export const command = defineCommand({
  summary: "fetch a file of a worker",
  arguments: { worker: workerArgument, path: { summary: "the file" } },
  options: {
    component: componentOption,
    output: {
      kind: "text",
      short: "o",
      value: "file",
      summary: "where to write it (default: its own name, here)",
      completes: "file",
    },
  },
  examples: [{ line: "emet file get cart/cart-1 /data/prices.txt -o prices.txt", summary: "Write it to a file here." }],
  run: async ({ args, options, session }) => {
    const { id } = await findWorker(session, args.worker, options.component);
    const content = await session.emet.workers.fileContents(id, args.path);
    const file = options.output ?? posix.basename(args.path);
    await writeFile(file, content);
    session.out.note(`${file}: ${bytes(content.length)}`);
    await session.out.result({ file, bytes: content.length }, () => "");
  },
});
