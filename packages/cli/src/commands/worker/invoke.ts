import { setTimeout as delay } from "node:timers/promises";
import { EmetError } from "@emet/contract/client";
import type { TypedValue } from "@emet/contract/client";
import { defineCommand } from "../../command.ts";
import { usageError } from "../../failure.ts";
import { findFunction } from "../../functions.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { readArguments, readJsonArguments, waveResults } from "../../invocation-values.ts";
import type { Output } from "../../output/output.ts";
import { findWorker } from "../../references.ts";
import type { FoundWorker } from "../../references.ts";
import type { Session } from "../../session.ts";
import { LineAssembler, lineText } from "../../worker-lines.ts";

/** How long the last lines may take to arrive after the result. */
const lastLinesMs = 2000;

export const command = defineCommand({
  summary: "call a function of a worker",
  details:
    'Waits for the result and prints it as WAVE text. Arguments are WAVE texts: 5, 1.5, true, "text" (quotes may be left ' +
    'out), [1, 2], {field: value}, (1, "a"), some-case(5), some(1), none, ok(1), err("no"), {flag-a, flag-b}. The ' +
    "function's name may be short (add-item) or whole (golem:it/api.{add-item}); functions of a resource are written " +
    'cart.add-item, or cart("id").add-item to have the worker find the resource by its constructor\'s arguments. The call ' +
    "is run once, even if the connection is lost meanwhile.",
  arguments: {
    worker: { ...workerArgument, summary: `${workerArgument.summary}; - in place of the name makes one` },
    function: { summary: "which function", completes: "function" },
    args: { summary: "WAVE texts, one for each parameter", variadic: true },
  },
  options: {
    component: componentOption,
    params: {
      kind: "text",
      short: "j",
      value: "json",
      summary: "all arguments as one JSON array, in place of WAVE texts",
    },
    idempotencyKey: {
      kind: "text",
      short: "i",
      value: "key",
      summary: "run once for this key (default, or -: a new one)",
    },
    enqueue: { kind: "flag", summary: "don't wait for the result" },
    stream: { kind: "flag", summary: "show what the worker prints and logs meanwhile" },
    timestamps: { kind: "flag", summary: "with --stream, show when each line was written" },
  },
  examples: [
    {
      line: "emet worker invoke cart/cart-1 add-item '{id: \"a\", qty: 2}'",
      summary: "A record; quotes keep it from the shell.",
    },
    { line: "emet worker invoke cart/cart-1 checkout --stream", summary: "Follow the worker's output while it runs." },
    {
      line: "emet worker invoke cart/cart-1 checkout -i order-7 --enqueue",
      summary: "Leave it to the worker; order-7 is run once.",
    },
  ],
  run: async ({ args, options, session }) => {
    const { emet, out } = session;
    if (options.enqueue && options.stream) throw usageError("only one of --enqueue and --stream can be given");
    const worker = await findWorker(session, args.worker, options.component);
    const target = findFunction(worker.component, args.function);
    if (options.params !== undefined && args.args.length > 0)
      throw usageError("--params stands in place of the arguments");
    const params =
      options.params === undefined ? readArguments(target, args.args) : readJsonArguments(target, options.params);
    if (!worker.id.workerName.startsWith(args.worker) && args.worker.endsWith("-")) {
      out.note(`Worker ${worker.component.componentName}/${worker.id.workerName}`);
    }
    const idempotencyKey =
      options.idempotencyKey === undefined || options.idempotencyKey === "-"
        ? crypto.randomUUID()
        : options.idempotencyKey;
    if (options.enqueue) {
      await emet.workers.enqueue(worker.id, target.fullName, params, { idempotencyKey });
      out.note(`Accepted ${target.shortName} with the idempotency key ${idempotencyKey}`);
      return await out.result({ idempotencyKey }, () => "");
    }
    const call = (): Promise<TypedValue> => emet.workers.invoke(worker.id, target.fullName, params, { idempotencyKey });
    const result = options.stream
      ? await followed(session, { worker, idempotencyKey, timestamps: options.timestamps }, call)
      : await call();
    await printResult(out, result);
  },
});

async function printResult(out: Output, result: TypedValue): Promise<void> {
  const wave = waveResults(result);
  if (wave === undefined) {
    out.warn("a handle has no form in WAVE: the result is shown as JSON");
    return await out.result({ json: result }, () => JSON.stringify(result.value));
  }
  if (wave.length === 0 && out.format === "text") out.note("Empty result.");
  await out.result({ wave }, () => wave.join("\n"));
}

interface Followed {
  readonly worker: FoundWorker;
  readonly idempotencyKey: string;
  readonly timestamps: boolean;
}

/** Calls while the worker's output goes to standard error. */
async function followed<T>(session: Session, what: Followed, call: () => Promise<T>): Promise<T> {
  const { emet, out } = session;
  const { componentId, workerName } = what.worker.id;
  // There is no stream of a worker that isn't there yet.
  await emet.workers.get(what.worker.id).catch(async (error: unknown) => {
    if (!(error instanceof EmetError) || error.code !== "not-found") throw error;
    await emet.workers.create(componentId, { name: workerName });
  });
  const stop = new AbortController();
  const stream = showCall(session, what, stop.signal).catch((error: unknown) => {
    out.warn(error instanceof Error ? error.message : String(error));
  });
  try {
    return await call();
  } finally {
    await Promise.race([stream, delay(lastLinesMs, undefined, { ref: false })]);
    stop.abort();
    await stream;
  }
}

/** The lines between the begin and the end of one call. */
async function showCall({ emet, out }: Session, what: Followed, signal: AbortSignal): Promise<void> {
  const lines = new LineAssembler();
  let begun = false;
  for await (const event of emet.workers.connect(what.worker.id, { signal })) {
    const isCall = event.kind === "invocation-start" || event.kind === "invocation-finished";
    const isOurs = isCall && event.idempotencyKey === what.idempotencyKey;
    if (isOurs && event.kind === "invocation-start") begun = true;
    if (begun && !isCall) for (const line of lines.push(event)) out.note(lineText(line, what.timestamps));
    if (isOurs && event.kind === "invocation-finished") break;
  }
  for (const line of lines.flush()) out.note(lineText(line, what.timestamps));
}
