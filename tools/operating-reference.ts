/** Writes `docs/settings.md` and `docs/metrics.md`: every setting and every metric of the server, from their tables. */
import { commandFlag, environmentVariable, settings } from "../packages/server/src/config/settings.ts";
import type { SettingName } from "../packages/server/src/config/settings.ts";
import { openBalancerMeters } from "../packages/server/src/telemetry/balancer-meters.ts";
import { openExecutorMeters } from "../packages/server/src/telemetry/executor-meters.ts";
import { openServerMeters } from "../packages/server/src/telemetry/server-meters.ts";
import { openStorageMeters } from "../packages/server/src/telemetry/storage-meters.ts";
import { writeReference } from "./write-reference.ts";

const script = "generate:operating-reference";

/** Where a default depends on the machine. */
const machineDefaults: { readonly [name in SettingName]?: string } = {
  dataDir: "`$XDG_STATE_HOME/emet`, or `~/.local/state/emet`",
  executors: "one less than processors",
  linearMemoryMax: "60 % of the machine's memory",
  traceEndpoint: "`OTEL_EXPORTER_OTLP_ENDPOINT`",
};

function defaultText(name: SettingName): string {
  const known = machineDefaults[name];
  if (known !== undefined) return known;
  const value = String(settings[name].default());
  return value === "" ? "none" : `\`${value}\``;
}

function flagText(name: SettingName): string {
  const flag = commandFlag(name);
  return settings[name].default() === true ? flag.replace("--", "--no-") : flag;
}

const settingRows = (Object.keys(settings) as SettingName[]).map((name) => {
  const cells = [`\`${name}\``, `\`${flagText(name)}\``, `\`${environmentVariable(name)}\``, defaultText(name)];
  return `| ${[...cells, settings[name].description].map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
});

await writeReference(
  "settings.md",
  `# Settings

Every setting of the server, made from their table by \`npm run ${script}\`. A setting is a flag of
\`emet start\`, an environment variable, or a key of \`emet.json\` in the current directory (\`--config FILE\` names another);
the first of these that is given counts. \`emet config\` shows what they come to, and where each comes from.

| key | flag | variable | default | meaning |
| --- | --- | --- | --- | --- |
${settingRows.join("\n")}
`,
  script,
);

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
}

const gauges = {
  loadedWorkers: 0,
  runningWorkers: 0,
  waitingWorkers: 0,
  loadedBytes: 0,
  mappings: 0,
  knownWorkers: 0,
  linearMemoryBytes: 0,
  databaseBytes: 0,
  logBytes: 0,
  journalBytes: 0,
};
const families = (
  await Promise.all([
    openServerMeters([]).families(),
    openBalancerMeters().families(),
    openExecutorMeters(0).families(gauges),
    openStorageMeters().families(gauges),
  ])
).flat() as unknown as readonly Family[];
const metricRows = families
  .filter(({ name }) => name.startsWith("emet_"))
  .map(({ name, help, type }) => `| \`${name}\` | ${type} | ${help} |`);

await writeReference(
  "metrics.md",
  `# Metrics

Every metric at \`/metrics\`, made from the server's own by \`npm run ${script}\`. Those of workers have the label
\`component\` (its id) where it says something, those of executor threads \`executor\`. Times are in seconds.

| metric | type | meaning |
| --- | --- | --- |
${metricRows.join("\n")}

The usual metrics of a Node process stand beside them: \`process_…\` and \`nodejs_…\`.
`,
  script,
);
