import { writeFile } from "node:fs/promises";
import { defineCommand } from "../../command.ts";
import { bytes } from "../../output/text.ts";
import { findComponent } from "../../references.ts";

export const command = defineCommand({
  summary: "fetch a component's binary as it was uploaded",
  arguments: { component: { summary: "name, id or URN", completes: "component" } },
  options: {
    version: { kind: "integer", short: "t", value: "version", summary: "which version (default: the latest)" },
    output: {
      kind: "text",
      short: "o",
      value: "file",
      summary: "where to write it (default: standard output)",
      completes: "file",
    },
  },
  examples: [{ line: "emet component download cart -t 0 -o cart-0.wasm", summary: "Write version 0 to a file." }],
  run: async ({ args, options, session }) => {
    const { emet, out } = session;
    const found = await findComponent(session, args.component, options.version);
    const { componentId, version } = found.versionedComponentId;
    const binary = await emet.components.download(componentId, version);
    if (options.output === undefined) return await out.bytes(binary);
    await writeFile(options.output, binary);
    out.note(`${options.output}: ${bytes(binary.length)}`);
  },
});
