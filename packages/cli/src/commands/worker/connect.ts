import { setTimeout as delay } from "node:timers/promises";
import { EmetError } from "@emet/contract/client";
import type { EmetClient, WorkerEvent, WorkerId } from "@emet/contract/client";
import { defineCommand } from "../../command.ts";
import { componentOption, workerArgument } from "../../global-options.ts";
import { findWorker } from "../../references.ts";
import { LineAssembler, lineText } from "../../worker-lines.ts";
import type { OutputLine } from "../../worker-lines.ts";

const reconnectMs = 1000;
const reconnectsMax = 60;

/** The server keeps so many events for those who connect; they come again after a lost connection. */
const rememberedEvents = 128;

export const command = defineCommand({
  summary: "follow what a worker prints and logs",
  details:
    "Begins with the last 128 events of the loaded worker. Connects again when the server was away, and ends when the " +
    "worker is interrupted or deleted, or with Ctrl-C.",
  arguments: { worker: workerArgument },
  options: {
    component: componentOption,
    timestamps: { kind: "flag", summary: "show when each line was written" },
    calls: { kind: "flag", summary: "show the begin and the end of calls, too" },
  },
  examples: [
    { line: "emet worker connect cart/cart-1 --timestamps", summary: "Lines with the time." },
    {
      line: "emet worker connect cart/cart-1 --json",
      summary: "One object a line: timestamp, level, context, message.",
    },
  ],
  run: async ({ args, options: { component, timestamps, calls }, session }) => {
    const { emet, out } = session;
    const { id, component: owner } = await findWorker(session, args.worker, component);
    const name = `${owner.componentName}/${id.workerName}`;
    const lines = new LineAssembler();
    const show = async (list: readonly OutputLine[]): Promise<void> => {
      for (const line of list) {
        if (calls || !line.level.startsWith("Invoke")) await out.event(line, () => lineText(line, timestamps));
      }
    };
    // Known to be there before anything is awaited from it.
    await emet.workers.get(id);
    out.note(`Connected to ${name}; Ctrl-C ends`);
    for await (const event of eventsOf(emet, id, out.note.bind(out))) await show(lines.push(event));
    await show(lines.flush());
    out.note(`${name} was closed`);
  },
});

/** Connects anew after a loss, passing over what was seen before it. */
async function* eventsOf(emet: EmetClient, id: WorkerId, note: (text: string) => void): AsyncGenerator<WorkerEvent> {
  const seen: string[] = [];
  let lost = 0;
  for (;;) {
    const again = new Set(lost === 0 ? [] : seen);
    try {
      for await (const event of emet.workers.connect(id)) {
        const key = JSON.stringify(event);
        lost = 0;
        if (again.has(key)) continue;
        seen.push(key);
        if (seen.length > rememberedEvents) seen.shift();
        yield event;
      }
      return;
    } catch (error) {
      if (!(error instanceof EmetError) || error.code !== "unreachable" || lost === reconnectsMax) throw error;
      if (lost === 0) note("The connection was lost; connecting again …");
      lost += 1;
      await delay(reconnectMs);
    }
  }
}
