/**
 * Loaded into a server before its own code: ends one of its executor threads, chosen at random, at each SIGUSR2. What
 * the thread does at that moment is cut off anywhere, as a crash of its own would do it.
 */
import { subscribe } from "node:diagnostics_channel";
import { isMainThread } from "node:worker_threads";
import type { Worker } from "node:worker_threads";

if (isMainThread) {
  const executors = new Set<Worker>();
  subscribe("worker_threads", (message) => {
    const { worker } = message as { readonly worker: Worker };
    if (worker.threadName?.startsWith("executor-") !== true) return;
    executors.add(worker);
    worker.once("exit", () => executors.delete(worker));
  });
  process.on("SIGUSR2", () => {
    const victim = [...executors][Math.floor(Math.random() * executors.size)];
    void victim?.terminate();
  });
}
