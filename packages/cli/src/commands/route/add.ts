import { defineCommand } from "../../command.ts";
import { usageError } from "../../failure.ts";

export const command = defineCommand({
  summary: "have a component answer requests",
  arguments: {
    path: { summary: "a prefix of paths; segments may be parameters: /shops/{shop}" },
    component: { summary: "name or id of a component that exports wasi:http/incoming-handler", completes: "component" },
  },
  options: {
    host: { kind: "text", value: "host", summary: "only requests to this host" },
    method: { kind: "list", value: "method", summary: "only requests with this method; repeatable" },
    worker: { kind: "text", value: "name", summary: "the worker that answers" },
    workerParameter: { kind: "text", value: "name", summary: "the parameter of the path that names the worker" },
    workerHeader: { kind: "text", value: "name", summary: "the header that names the worker" },
  },
  examples: [
    { line: "emet route add '/shops/{shop}' shop --worker-parameter shop", summary: "A worker for each shop." },
  ],
  run: async ({ args: { path, component }, options, session: { emet, out } }) => {
    const { host, method, worker: name, workerParameter: pathParameter, workerHeader: header } = options;
    const workers = [
      ...(name === undefined ? [] : [{ name }]),
      ...(pathParameter === undefined ? [] : [{ pathParameter }]),
      ...(header === undefined ? [] : [{ header }]),
    ];
    if (workers.length > 1) {
      throw usageError("only one of --worker, --worker-parameter and --worker-header can be given");
    }
    const [worker] = workers;
    const route = await emet.routes.add({
      path,
      component,
      ...(host === undefined ? {} : { host }),
      ...(method.length === 0 ? {} : { methods: method.map((item) => item.toUpperCase()) }),
      ...(worker === undefined ? {} : { worker }),
    });
    await out.result(route, () => route.id);
  },
});
