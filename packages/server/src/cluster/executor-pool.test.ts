import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MainToExecutor, ReplyValue, Request } from "../worker/messages.ts";
import { ExecutorPool } from "./executor-pool.ts";
import { ExecutorPort } from "./executor-port.ts";
import { Placement } from "./shards.ts";
import type { Thread } from "./executor-port.ts";

const worker = { componentId: "00000000-0000-4000-8000-000000000000", workerName: "w" };

/** A thread that is ready at once and answers each request; undefined as an answer: it hangs. */
function fakeThread(answer: (request: Request) => { readonly value: ReplyValue } | undefined): Thread {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const listener = Promise.withResolvers<Parameters<Thread["onMessage"]>[0]>();
  const post = async (message: MainToExecutor): Promise<void> => {
    if (message.kind !== "request") return;
    const reply = answer(message.request);
    if (reply !== undefined) (await listener.promise)({ kind: "reply", call: message.call, value: reply.value });
  };
  return {
    post: (message) => void post(message),
    onMessage: (listen) => {
      listener.resolve(listen);
      setImmediate(() => listen({ kind: "ready" }));
    },
    onExit: (listen) => void ended.then(() => listen(new Error("the thread ended"))),
    terminate: () => {
      end();
      return Promise.resolve();
    },
  };
}

describe("ExecutorPool", () => {
  it("replaces a thread that doesn't answer; what it was asked is asked of the next one", async () => {
    let spawned = 0;
    const replaced: string[] = [];
    const port = new ExecutorPort({
      spawn: () => {
        const number = ++spawned;
        return Promise.resolve(
          fakeThread(({ kind }) => {
            if (number === 1) return undefined;
            return { value: kind === "complete-promise" ? true : undefined };
          }),
        );
      },
      onMoved: () => undefined,
      onMessage: () => undefined,
      onReplaced: (reason) => replaced.push(reason.message),
      onFatal: (reason) => assert.fail(reason),
    });
    const pool = new ExecutorPool({ ports: [port], placement: new Placement(1), pingIntervalMs: 1, unresponsiveMs: 5 });
    await pool.start();
    const promise = { worker, oplogIndex: 1 };
    assert.equal(await pool.request(worker, { kind: "complete-promise", promise, data: new Uint8Array() }), true);
    assert.deepEqual(replaced, ["the thread ended"]);
    await pool.stop();
    assert.equal(spawned, 2);
  });
});
