/** Calls of clients that don't give up: what a killed server or thread left unanswered is asked for again. */
import type { Reply } from "./client.ts";

/** Opens when the server accepts calls again, and rejects when the test has failed. */
export interface Gate {
  readonly open: () => Promise<void>;
}

/** Whether an error only says that a server or thread goes or is gone. */
export function isExcuse(text: string): boolean {
  return /the server is stopping|the executor thread ended/u.test(text);
}

function isOk({ status }: Reply): boolean {
  return status === 200;
}

/** Sends until there is an answer that will do: only a server or thread that goes or is gone may fail to give one. */
export async function insist(
  gate: Gate,
  send: () => Promise<Reply>,
  isDone: (reply: Reply) => boolean = isOk,
): Promise<Reply> {
  for (;;) {
    await gate.open();
    const reply = await send().catch(() => undefined);
    if (reply === undefined) continue;
    if (isDone(reply)) return reply;
    const text = JSON.stringify(reply.body);
    if (!isExcuse(text)) throw new Error(`${reply.status} ${text}`);
  }
}

/** The one value of a result. */
export function valueOf({ body }: Reply): unknown {
  return (body as { readonly result: { readonly value: readonly unknown[] } }).result.value[0];
}
