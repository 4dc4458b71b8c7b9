/** Every setting of the server in one table: flag, environment variable, default, meaning. `emet config` shows it. */
import { availableParallelism, homedir, totalmem } from "node:os";
import { join } from "node:path";
import { logFormats, logLevels } from "../platform/logger.ts";
import { defaultOutgoingRules, parseNetworkRules } from "../platform/network/policy.ts";

const MiB = 1024 * 1024;

interface SettingType<T> {
  /** Throws with a message that says what is expected. */
  readonly parse: (text: string) => T;
}

const text: SettingType<string> = { parse: (value) => value };

const flag: SettingType<boolean> = {
  parse: (value) => {
    if (value === "true" || value === "1") return true;
    if (value === "false" || value === "0") return false;
    throw new TypeError("expected true or false");
  },
};

function integer(least: number, most: number): SettingType<number> {
  return {
    parse: (value) => {
      const number = Number(value);
      if (/^\d+$/u.test(value) && number >= least && number <= most) return number;
      throw new TypeError(`expected a whole number from ${least} to ${most}`);
    },
  };
}

const networkRules: SettingType<string> = {
  parse: (value) => {
    parseNetworkRules(value);
    return value;
  },
};

function oneOf<const T extends string>(values: readonly T[]): SettingType<T> {
  return {
    parse: (value) => {
      const found = values.find((each) => each === value);
      if (found !== undefined) return found;
      throw new TypeError(`expected ${values.join(", ")}`);
    },
  };
}

const port = integer(0, 65_535);
const count = integer(1, 1_000_000_000);
const bytes = integer(1, Number.MAX_SAFE_INTEGER);
const milliseconds = integer(1, 2 ** 31 - 1);

interface Setting<T> {
  readonly type: SettingType<T>;
  readonly default: () => T;
  readonly description: string;
}

function setting<T>(type: SettingType<T>, value: T | (() => T), description: string): Setting<T> {
  return { type, default: typeof value === "function" ? (value as () => T) : () => value, description };
}

function defaultDataDirectory(): string {
  const state = process.env["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state");
  return join(state, "emet");
}

export const settings = {
  host: setting(text, "127.0.0.1", "address to listen on"),
  port: setting(port, 9881, "port of the HTTP API; 0 takes a free one"),
  customRequestPort: setting(port, 9006, "port for custom HTTP APIs"),
  dataDir: setting(text, defaultDataDirectory, "directory that holds everything durable"),
  clean: setting(flag, false, "remove everything in the data directory at start"),
  example: setting(flag, true, "install and run the bundled example at start"),
  executors: setting(count, () => Math.max(1, availableParallelism() - 1), "threads that run workers"),
  storagePartitions: setting(
    integer(0, 64),
    0,
    "databases, each with a thread, over which workers are spread; fixed when the data directory is made. 0: what it has; of a new one, one for every four executors",
  ),
  loadedWorkersMax: setting(
    count,
    12_000,
    "instances in memory, of all executors; kernel mappings and address space bound it, too",
  ),
  componentLoadedShare: setting(
    integer(1, 100),
    100,
    "percentage of the instances in memory that the workers of one component may have",
  ),
  linearMemoryMax: setting(
    bytes,
    () => Math.floor(totalmem() * 0.6),
    "bytes that all workers in memory may take: linear memory, tables, and what the host holds for them",
  ),
  workerMemoryMax: setting(
    bytes,
    2048 * MiB,
    "bytes that one linear memory of a core module may have; of versions that are uploaded from then on",
  ),
  workerTableMax: setting(
    integer(1, 10_000_000),
    1_000_000,
    "entries that one table of a core module may have; of versions that are uploaded from then on",
  ),
  workerFilesMax: setting(bytes, 1024 * MiB, "bytes that the files of one worker may take"),
  keyValueSizeMax: setting(bytes, 16 * MiB, "bytes of a value in the key-value store"),
  objectSizeMax: setting(bytes, 1024 * 1024 * MiB, "bytes of an object in the blob store"),
  componentSizeMax: setting(bytes, 50 * MiB, "bytes of a component's binary"),
  componentFilesMax: setting(bytes, 256 * MiB, "bytes that the initial files of a component version may take"),
  requestSizeMax: setting(bytes, 64 * MiB, "bytes of a request's body"),
  queuedInvocationsMax: setting(count, 100_000, "invocations that may wait for one worker"),
  outgoingAllowed: setting(
    networkRules,
    defaultOutgoingRules,
    "rules for addresses that guests' sockets and HTTP requests may reach",
  ),
  listeningAllowed: setting(networkRules, "", "rules for addresses where guests' sockets may listen; none by default"),
  nameLookup: setting(flag, true, "whether guests may look up the addresses of names"),
  corsOrigins: setting(
    text,
    "",
    "origins of web pages that may use the API, separated by commas; * for all, none by default",
  ),
  traceEndpoint: setting(
    text,
    () => process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "",
    "address of an OpenTelemetry collector (OTLP over HTTP) that gets the spans of invocations; empty for none",
  ),
  logLevel: setting(oneOf(logLevels), "info", `how much is logged: ${logLevels.join(", ")}`),
  logFormat: setting(oneOf(logFormats), "auto", "text or json lines; auto is text in a terminal"),
  suspendAfterMs: setting(milliseconds, 10_000, "a sleep of at least this long takes the worker out of memory"),
  sliceMs: setting(milliseconds, 5, "how long a guest computes before others get their turn"),
  invocationFuelMax: setting(
    integer(0, Number.MAX_SAFE_INTEGER),
    0,
    "units of fuel that one invocation may use before it fails, about a loop's turn or a call each; 0 for no limit",
  ),
  idleUnloadMs: setting(milliseconds, 300_000, "a worker that is idle for so long leaves memory until its next call"),
  memorySnapshots: setting(
    flag,
    true,
    "whether the memory of workers is saved now and then, and workers are loaded from that",
  ),
  memorySnapshotEntries: setting(count, 1000, "oplog entries after which the memory of an idle worker is saved again"),
  memorySnapshotBytes: setting(bytes, MiB, "bytes of these entries after which it is"),
  memorySnapshotReplayMs: setting(milliseconds, 10, "estimated time to replay them after which it is"),
  memorySnapshotMemoryMax: setting(bytes, 256 * MiB, "a worker with more bytes of linear memory isn't saved"),
  ephemeralRetentionMs: setting(
    milliseconds,
    86_400_000,
    "an ephemeral worker is deleted when it has done nothing for so long",
  ),
  upkeepMs: setting(
    milliseconds,
    600_000,
    "how often old oplog entries are archived and what is out of date is removed",
  ),
  rebalancing: setting(
    flag,
    true,
    "whether an executor thread that is much busier than another hands workers over to it",
  ),
  rebalanceMs: setting(milliseconds, 1000, "how often what executor threads have to do is looked at"),
  executorPingMs: setting(milliseconds, 1000, "how often executor threads are asked whether they live"),
  executorTimeoutMs: setting(milliseconds, 30_000, "an executor thread that doesn't answer for so long is replaced"),
} as const;

export type SettingName = keyof typeof settings;

export type Settings = {
  readonly [N in SettingName]: (typeof settings)[N] extends Setting<infer T> ? T : never;
};

export function environmentVariable(name: SettingName): string {
  return `EMET_${name.replaceAll(/[A-Z]/gu, (letter) => `_${letter}`).toUpperCase()}`;
}

export function commandFlag(name: SettingName): string {
  return `--${name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A setting has a value that it can't have. The message names the setting and where it came from. */
export class SettingError extends Error {
  override readonly name = "SettingError";
}

/** Where values come from; the first that has one wins. Keys of `file` are setting names. */
export interface SettingSources {
  readonly flags: { readonly [name: string]: string | boolean | undefined };
  readonly environment: { readonly [name: string]: string | undefined };
  readonly file: { readonly [name: string]: unknown };
}

export interface ResolvedSetting {
  readonly name: SettingName;
  readonly value: string | number | boolean;
  readonly source: string;
}

/** Throws `SettingError`, also for names in the file that mean nothing. */
export function resolveSettings(sources: SettingSources): readonly ResolvedSetting[] {
  for (const name of Object.keys(sources.file)) {
    if (!Object.hasOwn(settings, name)) throw new SettingError(`unknown setting "${name}" in the configuration file`);
  }
  return (Object.keys(settings) as SettingName[]).map((name) => resolveSetting(name, sources));
}

function resolveSetting(name: SettingName, { flags, environment, file }: SettingSources): ResolvedSetting {
  const variable = environmentVariable(name);
  const candidates: readonly (readonly [source: string, value: unknown])[] = [
    [flags[name] === false ? commandFlag(name).replace("--", "--no-") : commandFlag(name), flags[name]],
    [variable, environment[variable]],
    ["configuration file", file[name]],
  ];
  const found = candidates.find(([, value]) => value !== undefined);
  if (found === undefined) return { name, value: settings[name].default(), source: "default" };
  const [source, value] = found;
  try {
    return { name, value: settings[name].type.parse(String(value)), source };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingError(`cannot use ${source} = ${String(value)}: ${reason}`);
  }
}

export function toSettings(resolved: readonly ResolvedSetting[]): Settings {
  return Object.fromEntries(resolved.map(({ name, value }) => [name, value])) as Settings;
}
