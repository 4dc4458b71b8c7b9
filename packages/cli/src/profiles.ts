/** Profiles: servers by name, kept in a file of the user's. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { CommandError, exitCodes } from "./failure.ts";

/** As Golem keeps them (spec/service.md §11.4), and a component for references without one. */
export interface Profile {
  readonly type: "Golem";
  readonly url: string;
  readonly worker_url?: string;
  readonly allow_insecure?: boolean;
  readonly default_component?: string;
  readonly config?: { readonly default_format?: string };
}

export interface Profiles {
  readonly profiles: { readonly [name: string]: Profile };
  readonly active_profile?: string;
}

export function configFile(environment: NodeJS.ProcessEnv): string {
  const directory = environment["EMET_CONFIG_DIR"];
  if (directory !== undefined && directory !== "") return join(directory, "config.json");
  const base = environment["XDG_CONFIG_HOME"];
  return join(base === undefined || base === "" ? join(homedir(), ".config") : base, "emet", "config.json");
}

export function loadProfiles(environment: NodeJS.ProcessEnv): Profiles {
  const file = configFile(environment);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { profiles: {} };
    throw new CommandError(`cannot read ${file}`, exitCodes.failed, { cause: error });
  }
  try {
    const { profiles = {}, ...rest } = JSON.parse(text) as Partial<Profiles>;
    return { profiles, ...rest };
  } catch (error) {
    throw new CommandError(`cannot read ${file}: it isn't JSON`, exitCodes.failed, { cause: error });
  }
}

/** Written aside and renamed, so that a crash leaves the old file or the new one. */
export function saveProfiles(environment: NodeJS.ProcessEnv, profiles: Profiles): void {
  const file = configFile(environment);
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(profiles, undefined, 2)}\n`);
  renameSync(unfinished, file);
}

export function profileNamed({ profiles }: Profiles, name: string): Profile {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile !== undefined) return profile;
  const names = Object.keys(profiles);
  const known = names.length === 0 ? "there are none" : `there are ${names.join(", ")}`;
  throw new CommandError(`there is no profile "${name}"; ${known}`, exitCodes.notFound);
}
