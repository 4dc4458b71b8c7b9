import { defineCommand } from "../../command.ts";
import { bytes } from "../../output/text.ts";

export const command = defineCommand({
  summary: "build a component from JavaScript or TypeScript",
  details:
    "The world is read from a WIT file; packages that Emet provides, such as golem:api and wasi:keyvalue, need not be " +
    "there. Needs @bytecodealliance/componentize-js in the project. The source is one file: what has several is bundled " +
    "first.",
  arguments: { source: { summary: "a .js or .ts file", completes: "file" } },
  options: {
    wit: {
      kind: "text",
      value: "file",
      summary: "file with the world (default: the source's name with .wit)",
      completes: "file",
    },
    output: {
      kind: "text",
      short: "o",
      value: "file",
      summary: "where to write it (default: the source's name with .wasm)",
      completes: "file",
    },
  },
  examples: [{ line: "emet component build cart.ts", summary: "Make cart.wasm of cart.ts and cart.wit." }],
  run: async ({ args: { source }, options: { wit, output }, session }) => {
    const { buildComponent } = await import("../../component-build/build.ts");
    const named = (ending: string): string => source.replace(/(?:\.[cm]?[jt]s)?$/u, ending);
    const target = output ?? named(".wasm");
    const size = await buildComponent({ source, wit: wit ?? named(".wit"), output: target });
    await session.out.result({ file: target, bytes: size }, () => `${target}: ${bytes(size)}`);
  },
});
