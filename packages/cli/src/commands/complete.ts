import { defineCommand } from "../command.ts";
import { completions } from "../completions.ts";

export const command = defineCommand({
  summary: "complete a word",
  arguments: { words: { summary: "the command line up to the word, without the program", variadic: true } },
  options: {},
  examples: [],
  run: async ({ args, session }) => {
    // A shell that asks for completions wants no errors.
    const found = await completions(args.words, session).catch(() => []);
    await session.out.line(found.join("\n"));
  },
});
