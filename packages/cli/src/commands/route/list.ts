import type { Route } from "@emet/contract/client";
import { defineCommand } from "../../command.ts";
import { table } from "../../output/text.ts";

export const command = defineCommand({
  summary: "show all routes",
  arguments: {},
  options: {},
  examples: [{ line: "emet route list", summary: "In order of creation." }],
  run: async ({ session: { emet, out } }) => {
    const routes = await emet.routes.list();
    const titles = ["id", "methods", "host", "path", "component", "worker"];
    await out.result(routes, () =>
      table(
        titles.map((title) => ({ title })),
        routes.map(row),
      ),
    );
  },
});

function row(route: Route): readonly string[] {
  const { id, host = "*", path, methods = ["*"], component } = route;
  return [id, methods.join(","), host, path, component, describeWorker(route)];
}

function describeWorker({ worker }: Route): string {
  if (worker === undefined) return "(a new one for each request)";
  if ("name" in worker) return worker.name;
  return "header" in worker ? `(header ${worker.header})` : `{${worker.pathParameter}}`;
}
