/**
 * Writes `docs/host-interfaces.md`: every function that components may import, what it records, since when it is in WIT,
 * and what tests it. With `--check` it writes nothing and fails where the file is out of date.
 */
import { readFile, writeFile } from "node:fs/promises";
import { serves } from "@emet/component";
import { format } from "oxfmt";
import { TestHost } from "../packages/server/src/host/context-for-tests.ts";
import type { Recorded } from "../packages/server/src/host/interface.ts";
import { registry } from "../packages/server/src/host/registry.ts";
import { hostFunctionTests } from "./host-function-tests.ts";
import type { InterfaceTypes } from "./wit.ts";
import { exportedInterfaces, interfaceTypes, sinceVersions } from "./wit.ts";

const target = new URL("../docs/host-interfaces.md", import.meta.url);

/** So many test files are named for a function; there may be more. */
const testsNamedMax = 2;

const introduction = `# Host interfaces

Every function that a component may import, made from the WIT in \`packages/sdk/wit\`, the registry of host interfaces and
the sources of the tests by \`npm run generate:host-report\`. All of them are in Emet since its first release.

What a function records decides what happens when its worker is replayed after a crash:

- **local-read**, **local-write**: done on this server; what it gave is recorded, and given again at replay.
- **remote-read**, **remote-write**: it reaches what other workers see too; recorded in the same way. A write is stored
  with its result; one cut off by a crash is done again, or fails the worker, as the worker's idempotence mode says.
- **batched-remote-write**: several calls that are one write together; a batch cut off by a crash is begun again.
- an entry of the oplog, such as \`no-op\`: replay takes the entry instead of doing it again.
- **nothing**: it runs again at replay, with the same outcome, because it works on the worker's own state only.

"Since" is the version of the WIT package with which the function came; a component built with any version up to the one
named here runs. A test file counts as a test of a function when it calls it by name, or runs a guest that does.
`;

interface Row {
  readonly interfaceName: string;
  readonly functionName: string;
  readonly records: string;
  readonly since: string;
  readonly tests: readonly string[];
}

function describeRecord(recorded: Recorded): string {
  return typeof recorded === "string" ? `\`${recorded}\`` : recorded.class;
}

/** What each function of an interface records. */
function recordsOf(item: InterfaceTypes): (functionName: string) => string {
  const host = registry.find(({ name }) => serves(name, item.name));
  const functions = host?.bind(new TestHost().start().context, host.name).functions ?? {};
  return (functionName) => {
    if (!Object.hasOwn(functions, functionName)) return "**lacking**";
    const recorded = [host?.durable[functionName] ?? []].flat();
    return recorded.length === 0 ? "nothing" : [...new Set(recorded.map(describeRecord))].join(", ");
  };
}

/** The first version of a package that is served under one name: `1.1.0` for `1.1.7`. */
function firstVersion(interfaceName: string): string {
  const [, version] = interfaceName.split("@");
  if (version === undefined) return "–";
  return /^0\.0\.|-/u.test(version) ? version : version.replace(/\.\d+$/u, ".0");
}

function link(path: string): string {
  return `[${path.replace(/^.*\//u, "").replace(/\.test\.ts$/u, "")}](../${path})`;
}

function rowsOf(item: InterfaceTypes, testsOf: ReturnType<typeof hostFunctionTests>): Row[] {
  const records = recordsOf(item);
  const since = sinceVersions(item);
  return item.externs
    .filter(({ type }) => type.kind === "function")
    .map(({ name }) => ({
      interfaceName: item.name,
      functionName: name,
      records: records(name),
      since: since(name) ?? firstVersion(item.name),
      tests: testsOf(item.name, name),
    }));
}

function table(item: InterfaceTypes, rows: readonly Row[]): string {
  if (rows.length === 0) return `## ${item.name}\n\nTypes only.\n`;
  const lines = rows.map(({ functionName, records: recorded, since, tests }) => {
    const named = tests.slice(0, testsNamedMax).map(link).join(", ");
    return `| \`${functionName}\` | ${recorded} | ${since} | ${named} |`;
  });
  return `## ${item.name}\n\n| function | records | since | tested by |\n| --- | --- | --- | --- |\n${lines.join("\n")}\n`;
}

function untested(rows: readonly Row[]): string {
  const without = rows.filter(({ tests }) => tests.length === 0);
  const lines = without.map(({ interfaceName, functionName }) => `- \`${interfaceName}\` \`${functionName}\``);
  const list = lines.length === 0 ? "None." : lines.join("\n");
  return `## Without a test\n\n${without.length} of ${rows.length} functions.\n\n${list}\n`;
}

const all = await interfaceTypes();
const interfaces = all
  .filter(({ name }) => !exportedInterfaces.has(name))
  .toSorted((a, b) => (a.name < b.name ? -1 : 1));
const testsOf = hostFunctionTests(all);
const tables = interfaces.map((item) => ({ item, rows: rowsOf(item, testsOf) }));
const rows = tables.flatMap((each) => each.rows);
const text = [introduction, ...tables.map(({ item, rows: own }) => table(item, own)), untested(rows)].join("\n");
const { code } = await format("host-interfaces.md", text, { printWidth: 120 });

const without = rows.filter(({ tests }) => tests.length === 0).length;
console.log(`${rows.length} host functions, ${without} without a test`);
if (!process.argv.includes("--check")) {
  await writeFile(target, code);
} else if ((await readFile(target, "utf8").catch(() => "")) !== code) {
  console.error("docs/host-interfaces.md is out of date: npm run generate:host-report");
  process.exitCode = 1;
}
