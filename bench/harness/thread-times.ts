/** Processor time of the threads of a process, by what they are for. */
import { readdirSync, readFileSync } from "node:fs";

/** The kernel counts in hundredths of a second, on every machine that matters. */
const tickMs = 10;

/** Milliseconds of processor time so far, by kind of thread; empty where the kernel doesn't tell. */
export type ThreadTimes = ReadonlyMap<string, number>;

/** What threads are called by; what isn't named here is the engine's (compilation, garbage collection) or reads files. */
const kinds: readonly (readonly [name: RegExp, kind: string])[] = [
  [/^(?:node-)?MainThread$|^node$/u, "main"],
  [/^executor-/u, "executors"],
  [/^storage/u, "storage"],
];

export function threadTimes(processId: number): ThreadTimes {
  const times = new Map<string, number>();
  const folder = `/proc/${processId}/task`;
  for (const thread of threadsIn(folder)) {
    const stat = contentOf(`${folder}/${thread}/stat`);
    const [, name = ""] = /\((.*)\)/su.exec(stat) ?? [];
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const kind = kinds.find(([pattern]) => pattern.test(name))?.[1] ?? "others";
    times.set(kind, (times.get(kind) ?? 0) + (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * tickMs);
  }
  return times;
}

/** What was used between two looks. */
export function timesSince(before: ThreadTimes, now: ThreadTimes): ThreadTimes {
  return new Map([...now].map(([kind, ms]) => [kind, ms - (before.get(kind) ?? 0)]));
}

function threadsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Empty of a thread that has ended meanwhile. */
function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
