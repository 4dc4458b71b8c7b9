import { writeFile } from "node:fs/promises";
import { defineCommand } from "../../command.ts";
import { usageError } from "../../failure.ts";
import { findComponent } from "../../references.ts";

export const command = defineCommand({
  summary: "make a typed TypeScript client of a component",
  details:
    "The module has a class whose methods are the component's functions, with the types of their parameters and results. " +
    "It imports nothing but @emet/contract, and runs on Node from version 20 on and in browsers.",
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
    className: { kind: "text", value: "name", summary: "of the class (default: the component's name)" },
  },
  examples: [{ line: "emet component client cart -o cart.ts", summary: "Write a module with a class Cart." }],
  run: async ({ args, options: { version, output, className }, session }) => {
    if (className !== undefined && !/^[A-Z]\w*$/u.test(className)) {
      throw usageError(`--class-name: "${className}" must begin with a capital and hold letters and digits`);
    }
    const component = await findComponent(session, args.component, version);
    const { generateComponentClient } = await import("../../component-client/generate.ts");
    const module = generateComponentClient(component, className);
    if (output === undefined) await session.out.line(module.trimEnd());
    else await writeFile(output, module);
  },
});
