/** What `poll` waits for. */
import type { WakeUps } from "../../durability/errors.ts";
import type { HostContext } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";

export abstract class Pollable extends HostObject {
  abstract ready(): boolean;

  /** Resolves when it may have become ready, and at the latest when `signal` is aborted. */
  abstract wait(signal: AbortSignal): Promise<void>;

  /** What wakes a worker that leaves memory while it waits; undefined when what is waited for would be lost with it. */
  readonly wakeUps: WakeUps | undefined = undefined;
}

const savedReadyPollable = savedKind<undefined>("ready-pollable", () => new ReadyPollable());

/** Ready at once and always: the pollable of everything that never waits. */
export class ReadyPollable extends Pollable {
  override save(): SavedObject {
    return savedReadyPollable(undefined);
  }

  override ready(): boolean {
    return true;
  }

  override wait(): Promise<void> {
    return Promise.resolve();
  }
}

const savedTimerPollable = savedKind<number>(
  "timer-pollable",
  (wakeAtMs, { context }) => new TimerPollable(context, wakeAtMs),
);

export class TimerPollable extends Pollable {
  readonly #context: Pick<HostContext, "clock" | "sleep">;
  readonly #wakeAtMs: number;
  override readonly wakeUps: WakeUps;

  constructor(context: Pick<HostContext, "clock" | "sleep">, wakeAtMs: number) {
    super();
    this.#context = context;
    this.#wakeAtMs = wakeAtMs;
    this.wakeUps = { atMs: wakeAtMs };
  }

  override ready(): boolean {
    return this.#context.clock.now() >= this.#wakeAtMs;
  }

  override save(): SavedObject {
    return savedTimerPollable(this.#wakeAtMs);
  }

  override async wait(signal: AbortSignal): Promise<void> {
    const { clock, sleep } = this.#context;
    await sleep(Math.max(this.#wakeAtMs - clock.now(), 0), signal);
  }
}
