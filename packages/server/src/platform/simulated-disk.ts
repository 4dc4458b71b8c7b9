/**
 * A disk in memory for tests. What was written but not synced is lost in a crash, and each operation can be made to
 * fail: without effect (`ENOSPC`, `EIO`), after a part of the bytes (`short`), or by a crash before or after it.
 */
import { dirname, join } from "node:path";
import type { Disk } from "./disk.ts";

export type DiskFault = "ENOSPC" | "EIO" | "short" | "crash-before" | "crash-after";

export interface SimulatedDiskOptions {
  /** Asked before each operation that changes something; `operation` counts from 1. */
  readonly fault?: (operation: number, name: string, path: string) => DiskFault | undefined;
  /** Whether a change that was not synced survives a crash all the same; never, if absent. */
  readonly survives?: (path: string) => boolean;
}

export interface SimulatedDisk {
  readonly disk: Disk;
  /** Loses what was not synced. Operations under way fail; the disk works again afterwards. */
  readonly crash: () => void;
  /** All files as they are now, for checks. */
  readonly files: () => ReadonlyMap<string, Uint8Array>;
}

/** Thrown by operations that a simulated crash cut off. */
export class SimulatedCrash extends Error {
  override readonly name = "SimulatedCrash";
}

interface File {
  data: Uint8Array;
  synced: Uint8Array;
}

type Entries = Map<string, File | "directory">;

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: simulated, "${path}"`), { code });
}

class SimulatedDiskState {
  #current: Entries = new Map([["/", "directory"]]);
  #durable: Entries = new Map(this.#current);
  #operation = 0;
  readonly #options: SimulatedDiskOptions;

  constructor(options: SimulatedDiskOptions) {
    this.#options = options;
  }

  get current(): Entries {
    return this.#current;
  }

  crash(): void {
    const survives = this.#options.survives ?? ((): boolean => false);
    const after: Entries = new Map(this.#durable);
    for (const [path, entry] of this.#current) if (!after.has(path) && survives(path)) after.set(path, entry);
    for (const path of this.#durable.keys()) if (!this.#current.has(path) && survives(path)) after.delete(path);
    for (const entry of after.values()) if (entry !== "directory") entry.data = entry.synced;
    // A file can't be without its directory.
    for (const path of after.keys()) if (!after.has(dirname(path))) after.delete(path);
    this.#current = after;
    this.#durable = new Map(after);
  }

  /** Runs one operation with the fault chosen for it; `partly` is what a short one leaves behind. */
  async perform(name: string, path: string, action: () => void, partly?: () => void): Promise<void> {
    // The caller must not see any effect in the turn of its call, as with a real disk.
    await Promise.resolve();
    const fault = this.#options.fault?.(++this.#operation, name, path);
    switch (fault) {
      case undefined:
        action();
        return;
      case "crash-before":
        this.crash();
        throw new SimulatedCrash(`crashed before ${name} of "${path}"`);
      case "crash-after":
        action();
        this.crash();
        throw new SimulatedCrash(`crashed after ${name} of "${path}"`);
      case "short":
        partly?.();
        throw failure("ENOSPC", path);
      case "ENOSPC":
      case "EIO":
        throw failure(fault, path);
    }
  }

  #requireDirectory(path: string): void {
    if (this.#current.get(path) !== "directory") throw failure("ENOENT", path);
  }

  store(path: string, data: Uint8Array, synced: boolean): void {
    this.#requireDirectory(dirname(path));
    const copy = new Uint8Array(data);
    this.#current.set(path, { data: copy, synced: synced ? copy : new Uint8Array(0) });
  }

  rename(from: string, to: string): void {
    const entry = this.#current.get(from);
    if (entry === undefined) throw failure("ENOENT", from);
    this.#requireDirectory(dirname(to));
    this.#current.delete(from);
    this.#current.set(to, entry);
  }

  remove(path: string): void {
    for (const key of this.#current.keys()) if (key === path || key.startsWith(`${path}/`)) this.#current.delete(key);
  }

  makeDirectory(path: string): void {
    if (this.#current.has(path)) return;
    this.makeDirectory(dirname(path));
    this.#current.set(path, "directory");
    this.#durable.set(path, "directory");
  }

  syncDirectory(path: string): void {
    this.#requireDirectory(path);
    for (const key of this.#durable.keys()) {
      if (this.#current.has(key)) continue;
      // What lay below a removed directory goes with it.
      if (dirname(key) === path || !this.#current.has(dirname(key))) this.#durable.delete(key);
    }
    for (const [key, entry] of this.#current) if (dirname(key) === path && key !== "/") this.#durable.set(key, entry);
  }

  list(path: string): string[] {
    return [...this.#current.keys()]
      .filter((key) => key !== "/" && dirname(key) === path)
      .map((key) => key.slice(join(path, "/").length));
  }

  read(path: string): Uint8Array | undefined {
    const entry = this.#current.get(path);
    return entry === undefined || entry === "directory" ? undefined : new Uint8Array(entry.data);
  }
}

/** Makes an empty disk; paths are absolute. */
export function createSimulatedDisk(options: SimulatedDiskOptions = {}): SimulatedDisk {
  const state = new SimulatedDiskState(options);
  const disk: Disk = {
    read: async (path) => {
      await Promise.resolve();
      return state.read(path);
    },
    readSync: (path) => state.read(path),
    write: (path, data) =>
      state.perform(
        "write",
        path,
        () => state.store(path, data, true),
        () => state.store(path, data.subarray(0, data.length >> 1), false),
      ),
    rename: (from, to) => state.perform("rename", to, () => state.rename(from, to)),
    remove: (path) => state.perform("remove", path, () => state.remove(path)),
    list: async (path) => {
      await Promise.resolve();
      return state.list(path);
    },
    makeDirectory: (path) => state.perform("makeDirectory", path, () => state.makeDirectory(path)),
    syncDirectory: (path) => state.perform("syncDirectory", path, () => state.syncDirectory(path)),
  };
  return {
    disk,
    crash: () => state.crash(),
    files: () => {
      const files = new Map<string, Uint8Array>();
      for (const [path, entry] of state.current) if (entry !== "directory") files.set(path, entry.data);
      return files;
    },
  };
}
