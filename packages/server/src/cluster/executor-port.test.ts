import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { ExecutorToMain, MainToExecutor, Request } from "../worker/messages.ts";
import { ExecutorPool } from "./executor-pool.ts";
import { ExecutorPort } from "./executor-port.ts";
import type { ExecutorPortOptions, Thread } from "./executor-port.ts";

const worker = { componentId: "00000000-0000-4000-8000-000000000000", workerName: "w" };

const invoke: Request = {
  kind: "invoke",
  worker,
  latestVersion: 0,
  functionName: "f",
  body: "{}",
  idempotencyKey: "k",
  awaitResult: true,
};

/** A thread that does what the test says. */
class FakeThread implements Thread {
  readonly posted: MainToExecutor[] = [];
  terminated = false;
  #tell: (message: ExecutorToMain) => void = () => undefined;
  #exit: (reason: Error) => void = () => undefined;
  /** Whether pings are answered. */
  responsive = true;

  post = (message: MainToExecutor): void => {
    this.posted.push(message);
    if (this.responsive && message.kind === "request" && message.request.kind === "ping") this.reply(message.call);
  };

  onMessage = (listener: (message: ExecutorToMain) => void): void => {
    this.#tell = listener;
  };

  onExit = (listener: (reason: Error) => void): void => {
    this.#exit = listener;
  };

  terminate = (): Promise<void> => {
    this.terminated = true;
    this.end();
    return Promise.resolve();
  };

  tell(message: ExecutorToMain): void {
    this.#tell(message);
  }

  reply(call: number, value?: string): void {
    this.tell({ kind: "reply", call, value });
  }

  end(): void {
    this.#exit(new Error("the thread ended"));
  }

  /** The requests of a kind that it was given. */
  calls(kind: Request["kind"]): number[] {
    return this.posted.flatMap((message) =>
      message.kind === "request" && message.request.kind === kind ? [message.call] : [],
    );
  }
}

interface Made {
  readonly port: ExecutorPort;
  readonly threads: FakeThread[];
  readonly replaced: Error[];
  readonly fatal: Error[];
}

/** A port over fake threads. */
function makePort(change: Partial<ExecutorPortOptions> = {}): Made {
  const threads: FakeThread[] = [];
  const replaced: Error[] = [];
  const fatal: Error[] = [];
  const port = new ExecutorPort({
    spawn: () => {
      const thread = new FakeThread();
      threads.push(thread);
      setImmediate(() => thread.tell({ kind: "ready" }));
      return Promise.resolve(thread);
    },
    onMessage: () => undefined,
    onReplaced: (reason) => replaced.push(reason),
    onFatal: (reason) => fatal.push(reason),
    ...change,
  });
  return { port, threads, replaced, fatal };
}

async function startPort(change: Partial<ExecutorPortOptions> = {}): Promise<Made> {
  const made = makePort(change);
  await made.port.start();
  return made;
}

/** Waits for the thread with this number. */
async function threadOf(threads: readonly FakeThread[], number: number): Promise<FakeThread> {
  for (;;) {
    const thread = threads[number];
    if (thread !== undefined) {
      // Ready comes a turn after it was made.
      for (let count = 0; count < 3; count += 1) await turn();
      return thread;
    }
    await turn();
  }
}

describe("ExecutorPort", () => {
  it("asks a new thread again for what may be repeated, and refuses the rest", async () => {
    const { port, threads, replaced } = await startPort();
    const invoked = port.request(invoke);
    const refused = port.request({ kind: "delete", worker });
    const [first] = threads;
    first?.end();
    await assert.rejects(refused, /the executor thread ended/u);
    const second = await threadOf(threads, 1);
    const [call = -1] = second.calls("invoke");
    second.reply(call, "result");
    assert.equal(await invoked, "result");
    assert.deepEqual(second.calls("delete"), []);
    assert.equal(replaced.length, 1);
  });

  it("gives a call up that was there each time when three threads ended", async () => {
    const { port, threads } = await startPort();
    const poison = port.request(invoke);
    poison.catch(() => undefined);
    for (let number = 0; number < 3; number += 1) (await threadOf(threads, number)).end();
    await assert.rejects(poison, /the executor thread ended/u);
    const fourth = await threadOf(threads, 3);
    assert.deepEqual(fourth.calls("invoke"), []);
    const later = port.request(invoke);
    const [call = -1] = fourth.calls("invoke");
    fourth.reply(call, "fine");
    assert.equal(await later, "fine");
  });

  it("answers a thread's question to that thread, not to its successor", async () => {
    const answers: ((message: MainToExecutor) => void)[] = [];
    const { threads } = await startPort({ onMessage: (_, reply) => answers.push(reply) });
    const [first] = threads;
    first?.tell({ kind: "component-wanted", call: 0, componentId: worker.componentId, version: 0 });
    first?.end();
    const second = await threadOf(threads, 1);
    answers[0]?.({ kind: "component", call: 0, image: undefined });
    assert.deepEqual(second.posted, []);
    assert.equal(first?.posted.at(-1)?.kind, "component");
  });

  it("is fatal when no thread can be started", async () => {
    let spawned = 0;
    const threads: FakeThread[] = [];
    const { port, fatal } = await startPort({
      spawn: () => {
        spawned += 1;
        const thread = new FakeThread();
        threads.push(thread);
        setImmediate(() => (spawned === 1 ? thread.tell({ kind: "ready" }) : thread.end()));
        return Promise.resolve(thread);
      },
    });
    port.request(invoke).catch(() => undefined);
    threads[0]?.end();
    await threadOf(threads, 1);
    assert.deepEqual(
      fatal.map((reason) => reason.message),
      ["the thread ended"],
    );
  });

  it("stops although the thread ends before it answers, and refuses what comes after", async () => {
    const { port, threads } = await startPort();
    const waiting = port.request(invoke);
    const stopped = port.stop();
    threads[0]?.end();
    await assert.rejects(waiting, /the server is stopping/u);
    await stopped;
    await assert.rejects(port.request(invoke), /the server is stopping/u);
    assert.equal(threads.length, 1);
  });
});

describe("ExecutorPool", () => {
  it("replaces a thread that doesn't answer", async () => {
    const { port, threads, replaced } = makePort();
    const pool = new ExecutorPool({ ports: [port], pingIntervalMs: 1, unresponsiveMs: 5 });
    await pool.start();
    const first = await threadOf(threads, 0);
    first.responsive = false;
    const invoked = pool.request(worker, invoke);
    const second = await threadOf(threads, 1);
    assert.ok(first.terminated);
    assert.equal(replaced.length, 1);
    const [call = -1] = second.calls("invoke");
    second.reply(call, "result");
    assert.equal(await invoked, "result");
    const stopped = pool.stop();
    const [stop = -1] = second.calls("stop");
    second.reply(stop);
    await stopped;
  });
});
