/** What the figures were measured on. */
import { execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { cpus, loadavg, release, tmpdir, totalmem, type } from "node:os";
import { join } from "node:path";
import { summary } from "./statistics.ts";

/** Measured anew for each program: a machine that others use changes by the minute. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  /** Of the last minute, when the program began. */
  readonly load: number;
  readonly syncMedianMs: number;
  readonly syncP99Ms: number;
  /** The version of the source, with a mark where files differ from it. */
  readonly commit: string;
  readonly date: string;
}

/** A write of 200 bytes and fdatasync, one at a time, where benchmarks keep their data: the floor of a durable answer. */
export function bareSync(times = 500): { readonly median: number; readonly p99: number } {
  const directory = mkdtempSync(join(tmpdir(), "emet-bench-"));
  const file = openSync(join(directory, "file"), "w");
  const block = Buffer.alloc(200);
  const measured = Array.from({ length: times }, () => {
    const started = performance.now();
    writeSync(file, block);
    fdatasyncSync(file);
    return performance.now() - started;
  });
  closeSync(file);
  rmSync(directory, { recursive: true });
  return summary(measured);
}

function git(...parameters: readonly string[]): string {
  try {
    return execFileSync("git", parameters, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}

export function describeMachine(): Machine {
  const sync = bareSync();
  const processors = cpus();
  const changed = git("status", "--porcelain", "--untracked-files=no", "--", "packages") === "" ? "" : " and changes";
  return {
    processor: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
    v8: process.versions.v8,
    load: loadavg()[0] ?? Number.NaN,
    syncMedianMs: sync.median,
    syncP99Ms: sync.p99,
    commit: `${git("rev-parse", "--short=10", "HEAD") || "unknown"}${changed}`,
    date: new Date().toISOString().slice(0, 16).replace("T", " "),
  };
}
