import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ExecutorToMain, MainToExecutor, Request } from "../worker/messages.ts";
import { ExecutorPort } from "./executor-port.ts";
import type { Thread } from "./executor-port.ts";

const worker = { componentId: "c", workerName: "w" };
const activate: Request = { kind: "activate", worker, cause: "recovery" };
const resume: Request = { kind: "resume", worker };

/** A thread that does what the test says. */
class FakeThread implements Thread {
  readonly posted: MainToExecutor[] = [];
  #message: (message: ExecutorToMain) => void = () => undefined;
  #exit: (reason: Error) => void = () => undefined;
  terminated = false;

  readonly post = (message: MainToExecutor): void => void this.posted.push(message);
  readonly onMessage = (listener: (message: ExecutorToMain) => void): void => {
    this.#message = listener;
  };
  readonly onExit = (listener: (reason: Error) => void): void => {
    this.#exit = listener;
  };
  readonly terminate = (): Promise<void> => {
    this.terminated = true;
    this.exit("terminated");
    return Promise.resolve();
  };

  send(message: ExecutorToMain): void {
    this.#message(message);
  }

  exit(message: string): void {
    this.#exit(new Error(message));
  }

  /** The requests that it was given, by call. */
  get requests(): readonly (readonly [call: number, kind: string])[] {
    return this.posted.flatMap((message) =>
      message.kind === "request" ? [[message.call, message.request.kind] as const] : [],
    );
  }
}

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

class Setting {
  readonly threads: FakeThread[] = [];
  readonly events: string[] = [];
  refuse = false;
  readonly port: ExecutorPort = new ExecutorPort({
    spawn: () => {
      if (this.refuse) return Promise.reject(new Error("no more threads"));
      const thread = new FakeThread();
      this.threads.push(thread);
      return Promise.resolve(thread);
    },
    onMoved: (call, { request }) => void this.events.push(`moved: ${call} ${request.kind}`),
    onMessage: (message, reply) => {
      this.events.push(message.kind);
      reply({ kind: "answer", call: 0, value: 1 });
    },
    onReplaced: (reason) => void this.events.push(`replaced: ${reason.message}`),
    onFatal: (reason) => void this.events.push(`fatal: ${reason.message}`),
  });

  async start(): Promise<FakeThread> {
    const starting = this.port.start();
    const thread = await this.next();
    await starting;
    return thread;
  }

  /** The thread that was started last, ready. */
  async next(): Promise<FakeThread> {
    await settled();
    const thread = this.threads.at(-1);
    assert.ok(thread !== undefined);
    thread.send({ kind: "ready" });
    await settled();
    return thread;
  }
}

describe("ExecutorPort", () => {
  it("answers each request with its own reply", async () => {
    const setting = new Setting();
    const thread = await setting.start();
    const one = setting.port.request(activate);
    const two = setting.port.request(resume);
    thread.send({ kind: "error", call: 1, error: { kind: "not-found", message: "gone" } });
    thread.send({ kind: "reply", call: 0, value: true });
    thread.send({ kind: "reply", call: 77, value: true });
    assert.equal(await one, true);
    await assert.rejects(two, { name: "WorkerError", message: "gone" });
  });

  it("tells the thread when nobody waits for an answer any more", async () => {
    const setting = new Setting();
    const thread = await setting.start();
    const gone = new AbortController();
    const one = setting.port.request(activate, gone.signal);
    const other = setting.port.request(activate, new AbortController().signal);
    gone.abort(new Error("the client is gone"));
    await assert.rejects(one, { message: "the client is gone" });
    await assert.rejects(setting.port.request(activate, gone.signal), { message: "the client is gone" });
    assert.deepEqual(thread.posted.slice(2), [{ kind: "abandon", call: 0 }]);
    thread.send({ kind: "reply", call: 0, value: true });
    thread.send({ kind: "reply", call: 1, value: true });
    assert.equal(await other, true);
  });

  it("replaces a thread that ends, and asks again what can be asked twice", async () => {
    const setting = new Setting();
    const thread = await setting.start();
    const activated = setting.port.request(activate);
    const resumed = setting.port.request(resume);
    thread.exit("crashed");
    await assert.rejects(resumed, { message: /the executor thread ended: crashed/u });
    const meanwhile = setting.port.request(resume);
    const next = await setting.next();
    assert.deepEqual(next.requests, [
      [0, "activate"],
      [2, "resume"],
    ]);
    assert.deepEqual(setting.events, ["replaced: crashed"]);
    for (const call of [0, 2]) next.send({ kind: "reply", call, value: undefined });
    await Promise.all([activated, meanwhile]);
  });

  it("gives up a request that was there each time when threads ended", async () => {
    const setting = new Setting();
    let thread = await setting.start();
    const activated = setting.port.request(activate);
    for (let ending = 1; ending <= 2; ending += 1) {
      thread.exit("crashed");
      thread = await setting.next();
    }
    thread.exit("crashed");
    await assert.rejects(activated, { message: /crashed/u });
  });

  it("starts another one when the new thread ends before it is ready", async () => {
    const setting = new Setting();
    const thread = await setting.start();
    const activated = setting.port.request(activate);
    thread.exit("crashed");
    await settled();
    setting.threads.at(-1)?.exit("crashed at its start");
    const next = await setting.next();
    assert.deepEqual(setting.events, ["replaced: crashed"]);
    next.send({ kind: "reply", call: 0, value: undefined });
    await activated;
  });

  it("reports it when there is no new thread", async () => {
    const setting = new Setting();
    const thread = await setting.start();
    setting.refuse = true;
    thread.exit("crashed");
    await settled();
    assert.deepEqual(setting.events, ["fatal: no more threads"]);
  });

  it("fails to start with a thread that ends before it is ready", async () => {
    const setting = new Setting();
    const starting = setting.port.start();
    await settled();
    setting.threads[0]?.exit("broken");
    await assert.rejects(starting, { message: "broken" });
    assert.deepEqual(setting.events, []);
  });

  it("passes on other messages, and the answer to the thread that asked", async () => {
    const setting = new Setting();
    const thread = await setting.start();
    thread.send({ kind: "question", call: 0, question: { kind: "component", asked: { name: "c" } } });
    assert.deepEqual(setting.events, ["question"]);
    assert.deepEqual(thread.posted, [{ kind: "answer", call: 0, value: 1 }]);
  });

  it("hands on a call that the thread gives back, and tells when those that were there have left", async () => {
    const setting = new Setting();
    const thread = await setting.start();
    const one = setting.port.request(resume);
    void setting.port.request(activate);
    let cleared = false;
    const clearing = setting.port.cleared(({ kind }) => kind === "activate" || kind === "resume");
    void clearing.then(() => (cleared = true));
    thread.send({ kind: "moved", call: 1 });
    await settled();
    assert.deepEqual(setting.events, ["moved: 1 activate"]);
    assert.equal(cleared, false);
    thread.send({ kind: "reply", call: 0, value: undefined });
    await Promise.all([one, clearing]);
    await setting.port.cleared(() => true);
  });

  it("stops without replacing the thread, and refuses what comes later", async () => {
    const setting = new Setting();
    const thread = await setting.start();
    const pending = setting.port.request(activate);
    const stopping = setting.port.stop();
    thread.send({ kind: "reply", call: 1, value: undefined });
    await stopping;
    assert.equal(thread.terminated, true);
    await assert.rejects(pending, { message: /stopping/u });
    await assert.rejects(setting.port.request(activate), { message: /stopping/u });
    assert.equal(setting.threads.length, 1);
  });
});
