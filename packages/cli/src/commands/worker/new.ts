import { EmetError } from "@emet/contract/client";
import { defineCommand } from "../../command.ts";
import { componentOption } from "../../global-options.ts";
import { fields } from "../../output/text.ts";
import { pairs } from "../../pairs.ts";
import { findWorker, workerUrn } from "../../references.ts";

export const command = defineCommand({
  summary: "create a worker on the latest version of its component",
  details: "A worker comes into being with its first call, too; only here it is given arguments and environment.",
  arguments: {
    worker: { summary: "COMPONENT/WORKER; - in place of the worker's name makes one" },
    args: { summary: "what the worker gets as its arguments", variadic: true },
  },
  options: {
    component: componentOption,
    env: { kind: "list", short: "e", value: "NAME=VALUE", summary: "an environment variable; repeatable" },
    config: { kind: "list", value: "NAME=VALUE", summary: "what wasi:config gives the worker; repeatable" },
  },
  examples: [{ line: "emet worker new cart/cart-1 -e CURRENCY=EUR", summary: "With an environment variable." }],
  run: async ({ args, options, session }) => {
    const { emet, out } = session;
    const { id, component } = await findWorker(session, args.worker, options.component);
    const { workerId, componentVersion } = await emet.workers
      .create(id.componentId, {
        name: id.workerName,
        args: [...args.args],
        env: pairs("--env", options.env),
        config: pairs("--config", options.config),
      })
      .catch((error: unknown) => {
        throw error instanceof EmetError && error.golemError?.type === "WorkerAlreadyExists"
          ? new EmetError("conflict", `there is a worker ${component.componentName}/${id.workerName} already`, {
              cause: error,
            })
          : error;
      });
    out.note(`Added worker ${workerId.workerName}`);
    await out.result(workerUrn(workerId), () =>
      fields([
        ["Worker", `${component.componentName}/${workerId.workerName}`],
        ["URN", workerUrn(workerId)],
        ["Component version", componentVersion],
      ]),
    );
  },
});
