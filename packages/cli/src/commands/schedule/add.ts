import { defineCommand } from "../../command.ts";
import { usageError } from "../../failure.ts";
import { findFunction } from "../../functions.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { readArguments, readJsonArguments } from "../../invocation-values.ts";
import { fields } from "../../output/text.ts";
import { findWorker } from "../../references.ts";
import { parseDuration } from "../../duration.ts";

export const command = defineCommand({
  summary: "have a function of a worker called later",
  arguments: {
    worker: workerArgument,
    function: { summary: "which function", completes: "function" },
    args: { summary: "WAVE texts, one for each parameter", variadic: true },
  },
  options: {
    component: componentOption,
    at: { kind: "text", value: "time", summary: "when: 2030-01-31T12:00:00Z" },
    in: { kind: "text", value: "duration", summary: "or how long from now: 90s, 15m, 1h30m, 2d" },
    params: { kind: "text", short: "j", value: "json", summary: "all arguments as one JSON array" },
    idempotencyKey: { kind: "text", short: "i", value: "key", summary: "call once for this key (default: a new one)" },
  },
  examples: [{ line: "emet schedule add cart/cart-1 checkout --in 15m", summary: "In a quarter of an hour." }],
  run: async ({ args, options, session }) => {
    const { id, component } = await findWorker(session, args.worker, options.component);
    const target = findFunction(component, args.function);
    const params =
      options.params === undefined ? readArguments(target, args.args) : readJsonArguments(target, options.params);
    const at = timeOf(options.at, options.in);
    const { idempotencyKey } = options;
    const added = await session.emet.schedules.add(
      id,
      at,
      { functionName: target.fullName, params },
      { idempotencyKey },
    );
    await session.out.result(added, () =>
      fields([
        ["Schedule", added.id],
        ["At", at.toISOString()],
        ["Idempotency key", added.idempotencyKey],
      ]),
    );
  },
});

function timeOf(at: string | undefined, duration: string | undefined): Date {
  if ((at === undefined) === (duration === undefined)) throw usageError("one of --at and --in must be given");
  if (at === undefined) return new Date(Date.now() + parseDuration(duration ?? ""));
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) throw usageError(`--at: "${at}" is not a time such as 2030-01-31T12:00:00Z`);
  return time;
}
