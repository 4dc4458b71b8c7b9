import { setTimeout as delay } from "node:timers/promises";

const intervalMs = 20;

/** Waits until `condition` gives something other than undefined or false; rejects after `msMax`. */
export async function eventually<T>(
  condition: () => Promise<T | undefined | false>,
  description: string,
  msMax = 30_000,
): Promise<T> {
  const deadline = performance.now() + msMax;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited ${msMax} ms in vain: ${description}`);
    await delay(intervalMs);
  }
}
