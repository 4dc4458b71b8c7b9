import { defineCommand } from "../../command.ts";

export const command = defineCommand({
  summary: "remove a route",
  arguments: { id: { summary: 'as "emet route list" shows it' } },
  options: {},
  examples: [{ line: "emet route remove ROUTE-ID", summary: "Requests under way are answered." }],
  run: async ({ args, session: { emet, out } }) => {
    await emet.routes.remove(args.id);
    await out.result({}, () => "");
  },
});
