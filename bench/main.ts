/**
 * Runs benchmarks one after the other, prints what they find, keeps it in `results/`, and writes `RESULTS.md` and its
 * plots from all that is kept: `npm run bench -- [--only http,rpc] [--quick] [--out FOLDER] [--render]`. A short run is
 * kept only where `--out` says. Each program can be run alone, too; its file says how.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine } from "./harness/machine.ts";
import { reportsVariable } from "./harness/report.ts";
import { readResults, writePage, writeResult } from "./harness/results.ts";
import type { Result } from "./harness/results.ts";
import { familiesOf } from "./harness/row.ts";
import type { Report } from "./harness/row.ts";
import { textTable } from "./harness/table.ts";
import { programs } from "./programs.ts";
import type { Program } from "./programs.ts";

const { values, tokens } = parseArgs({
  strict: false,
  tokens: true,
  options: {
    only: { type: "string" },
    out: { type: "string" },
    quick: { type: "boolean" },
    render: { type: "boolean" },
  },
});

const own = new Set(["only", "out", "render"]);

/** What isn't the runner's goes to the programs. */
const passedOn = tokens.flatMap((token) => {
  if (token.kind !== "option" || own.has(token.name)) return [];
  return [token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`];
});

function chosen(): readonly Program[] {
  if (typeof values.only !== "string") return programs;
  return values.only.split(",").map((name) => {
    const program = programs.find((candidate) => candidate.name === name);
    if (program === undefined)
      throw new Error(`no benchmark "${name}"; there are ${programs.map((each) => each.name).join(", ")}`);
    return program;
  });
}

/** Undefined when the program failed, which it says itself. */
function run({ name, file, parameters = [] }: Program): Result | undefined {
  const machine = describeMachine();
  const folder = mkdtempSync(join(tmpdir(), "emet-bench-"));
  const reports = join(folder, "reports");
  writeFileSync(reports, "");
  try {
    const started = performance.now();
    const path = fileURLToPath(new URL(file, import.meta.url));
    const { status } = spawnSync(process.execPath, [...process.execArgv, path, ...parameters, ...passedOn], {
      stdio: "inherit",
      env: { ...process.env, [reportsVariable]: reports },
    });
    const lines = readFileSync(reports, "utf8").split("\n").slice(0, -1);
    const families = familiesOf(lines.map((line) => JSON.parse(line) as Report));
    for (const { title, rows } of families) console.log(`\n${title}\n\n${textTable(rows)}\n`);
    if (status !== 0) return undefined;
    return { program: name, machine, seconds: (performance.now() - started) / 1000, families };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const out =
  typeof values.out === "string"
    ? values.out
    : values.quick === true
      ? undefined
      : fileURLToPath(new URL(".", import.meta.url));

for (const program of values.render === true ? [] : chosen()) {
  console.log(`# ${program.name}`);
  const result = run(program);
  if (result === undefined) process.exitCode = 1;
  else if (out !== undefined) writeResult(out, result);
}
if (out !== undefined) {
  const names = programs.map(({ name }) => name);
  writePage(out, readResults(out, names));
  console.log(`written: ${join(out, "RESULTS.md")}`);
}
