import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { table } from "../../output/text.ts";
import { findWorker } from "../../references.ts";

export const command = defineCommand({
  summary: "show what is to happen to a worker later",
  arguments: { worker: workerArgument },
  options: { component: componentOption },
  examples: [{ line: "emet schedule list cart/cart-1", summary: "Calls to come, and when it wakes." }],
  run: async ({ args, options, session }) => {
    const { id } = await findWorker(session, args.worker, options.component);
    const schedules = await Array.fromAsync(session.emet.schedules.list(id));
    const rows = schedules.map((item) => [
      item.id,
      item.at,
      item.kind,
      item.target === null ? "" : item.target.workerName,
      item.function ?? "",
      item.idempotencyKey ?? "",
    ]);
    const titles = ["id", "at", "kind", "target", "function", "idempotency key"];
    await session.out.result({ schedules }, () =>
      table(
        titles.map((title) => ({ title })),
        rows,
      ),
    );
  },
});
