/** How often processes ask for their writes to be on disk, counted with strace. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";

/** Those processes and all that they have started. */
function withDescendants(processIds: readonly number[]): readonly number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((name) => {
      try {
        // The name in parentheses may hold spaces; the parent is the second field after it.
        const fields = readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
        return [{ processId: Number(name), parent: Number(fields[1]) }];
      } catch {
        return [];
      }
    });
  const found = new Set(processIds);
  for (let size = 0; size < found.size;) {
    size = found.size;
    for (const { processId, parent } of parents) if (found.has(parent)) found.add(processId);
  }
  return [...found];
}

export function canCountSyncs(): boolean {
  try {
    execFileSync("strace", ["-V"], { stdio: "ignore" });
    return process.platform === "linux";
  } catch {
    return false;
  }
}

/** Calls of fsync and fdatasync by those processes while `work` is done. */
export async function countSyncs(processIds: readonly number[], work: () => Promise<unknown>): Promise<number> {
  const all = withDescendants(processIds);
  const parameters = ["-f", "-c", "-e", "trace=fsync,fdatasync", ...all.flatMap((id) => ["-p", String(id)])];
  const strace = spawn("strace", parameters, { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(strace, "exit");
  let text = "";
  await new Promise<void>((resolve) => {
    strace.stderr.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      const attached = new Set([...text.matchAll(/Process (\d+) attached/gu)].map(([, id]) => Number(id)));
      if (all.every((id) => attached.has(id))) resolve();
    });
    void exited.then(() => resolve());
  });
  await work();
  strace.kill("SIGINT");
  await exited;
  // % time, seconds, usecs/call, calls, perhaps errors, name
  const counts = [...text.matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(?:fsync|fdatasync)$/gmu)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}
