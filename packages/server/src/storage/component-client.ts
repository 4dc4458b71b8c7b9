/**
 * Components lie in the first partition; the workers that keep them from going lie in all. So before a component or
 * a version ends there, the others look for workers and let none come into being from then on. They keep that in memory
 * only: what ended is told to them again at the next start, and what didn't end because of a crash isn't.
 */
import { KeyedLock } from "../platform/keyed-lock.ts";
import type { ComponentStore } from "../worker/stores.ts";
import type { Barred } from "./barred-versions.ts";
import type { Partitions } from "./partitions.ts";

class Removal {
  readonly #partitions: Partitions;
  /** One removal of a component at a time: the bars of one must not be lifted by another. */
  readonly #lock = new KeyedLock();

  constructor(partitions: Partitions) {
    this.#partitions = partitions;
  }

  /** Runs `end` when no other partition uses it, or can begin to; the result `done` keeps it so. */
  async run<R extends string>(
    barred: Barred,
    { evenIfUsed, done }: { readonly evenIfUsed: boolean; readonly done: R },
    end: () => Promise<R>,
  ): Promise<R | "in-use"> {
    const { others } = this.#partitions;
    if (others.length === 0) return await end();
    return await this.#lock.run(barred.componentId, async () => {
      // Mostly it is used, or isn't: the bar, which refuses those who begin to use it, is for those few moments.
      const uses = evenIfUsed ? [] : others.map((partition) => partition.call("component.isUsed", barred));
      if ((await Promise.all(uses)).includes(true)) return "in-use";
      const bars = await Promise.all(others.map((partition) => partition.call("component.bar", barred, evenIfUsed)));
      const result = bars.includes("in-use")
        ? "in-use"
        : await end().catch(async (error: unknown) => {
            await this.#lift(barred, bars);
            throw error;
          });
      if (result !== done) await this.#lift(barred, bars);
      return result;
    });
  }

  /** Not those that stood before: it had ended already. */
  async #lift(barred: Barred, bars: readonly string[]): Promise<void> {
    const { others } = this.#partitions;
    const lifted = others.filter((_, index) => bars[index] === "barred");
    await Promise.all(lifted.map((partition) => partition.call("component.lift", barred)));
  }
}

export function componentStore(partitions: Partitions): ComponentStore {
  const { first: channel } = partitions;
  const removal = new Removal(partitions);
  return {
    create: (record) => channel.call("component.insert", record),
    addVersion: (record) => channel.call("component.insert", record),
    get: (componentId, version) => channel.call("component.get", componentId, version),
    latest: (componentId) => channel.call("component.latest", componentId),
    versions: (componentId) => channel.call("component.versions", componentId),
    byName: (name) => channel.call("component.byName", name),
    all: () => channel.call("component.all"),
    end: (componentId, withWorkers) =>
      removal.run({ componentId }, { evenIfUsed: withWorkers, done: "ended" }, () =>
        channel.call("component.end", componentId, withWorkers),
      ),
    removeVersion: ({ componentId, version }) =>
      removal.run({ componentId, version }, { evenIfUsed: false, done: "removed" }, () =>
        channel.call("component.removeVersion", { componentId, version }),
      ),
    uncleanedVersions: () => channel.call("component.uncleanedVersions"),
    noteVersionCleaned: (version) => channel.call("component.noteVersionCleaned", version),
    uncleaned: () => channel.call("component.uncleaned"),
    noteCleaned: (componentId) => channel.call("component.noteCleaned", componentId),
  };
}
