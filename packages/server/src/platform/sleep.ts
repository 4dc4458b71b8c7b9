/** Node's timers take no more than this; longer waits are made of several. */
const timerMsMax = 2 ** 31 - 1;

/** Resolves after `ms` milliseconds, however many, or when `signal` is aborted. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const wait = (rest: number): void => {
      timer = rest > timerMsMax ? setTimeout(wait, timerMsMax, rest - timerMsMax) : setTimeout(end, rest);
    };
    wait(ms);
    signal.addEventListener("abort", end);
  });
}
