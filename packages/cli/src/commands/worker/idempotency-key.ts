import { defineCommand } from "../../command.ts";

export const command = defineCommand({
  summary: "print a new idempotency key",
  details: "A call with the same key is run once, however often it is sent.",
  arguments: {},
  options: {},
  examples: [{ line: "emet worker idempotency-key", summary: "For emet worker invoke -i KEY." }],
  run: async ({ session: { out } }) => {
    const key = crypto.randomUUID();
    await out.result(key, () => key);
  },
});
