/** Runs all benchmarks, one after the other: `npm run bench`. Each can be run alone, too; its file says how. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const programs = [
  "component/calls.ts",
  "durability/overhead.ts",
  "storage/main.ts",
  "keyvalue/main.ts",
  "http/main.ts",
  "workers/main.ts",
];

for (const program of programs) {
  const file = fileURLToPath(new URL(program, import.meta.url));
  console.log(`\n# ${program}\n`);
  const { status } = spawnSync(process.execPath, [...process.execArgv, file], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
