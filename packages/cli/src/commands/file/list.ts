import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { bytes, table } from "../../output/text.ts";
import { findWorker } from "../../references.ts";

export const command = defineCommand({
  summary: "show what a directory of a worker holds",
  arguments: { worker: workerArgument, path: { summary: "the directory (default: /)", optional: true } },
  options: { component: componentOption },
  examples: [{ line: "emet file list cart/cart-1 /data", summary: "Names, sizes, permissions, times." }],
  run: async ({ args, options, session }) => {
    const { id } = await findWorker(session, args.worker, options.component);
    const nodes = await session.emet.workers.files(id, args.path ?? "/");
    const rows = nodes.map(({ name, kind, size, permissions, lastModified }) => [
      kind === "directory" ? `${name}/` : name,
      size === null ? "" : bytes(size),
      permissions ?? "",
      new Date(lastModified * 1000).toISOString().replace(".000Z", "Z"),
    ]);
    const columns = [
      { title: "name" },
      { title: "size", align: "right" },
      { title: "permissions" },
      { title: "modified" },
    ] as const;
    await session.out.result({ nodes }, () => table(columns, rows));
  },
});
