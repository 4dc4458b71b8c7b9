/** What a command works with: the server, where results go, and what the profile says. */
import { EmetClient } from "@emet/contract/client";
import { Output } from "./output/output.ts";
import type { Format } from "./output/output.ts";
import { usageError } from "./failure.ts";
import { loadProfiles, profileNamed } from "./profiles.ts";
import type { Profile } from "./profiles.ts";

/** Options that every command has. */
export interface GlobalOptions {
  readonly url?: string;
  readonly profile?: string;
  readonly format?: string;
  readonly json?: boolean;
  readonly yaml?: boolean;
}

export interface Session {
  readonly emet: EmetClient;
  readonly out: Output;
  /** Of the profile or of the environment; for references without one. */
  readonly defaultComponent: string | undefined;
}

const formats: readonly Format[] = ["text", "json", "yaml"];

/** The environment's words for the server's own settings count for its clients, too. */
function localUrl(environment: NodeJS.ProcessEnv): string {
  const host = environment["EMET_HOST"] ?? "127.0.0.1";
  return `http://${host === "0.0.0.0" ? "127.0.0.1" : host}:${environment["EMET_PORT"] ?? "9881"}`;
}

function checkedUrl(text: string): string {
  if (!/^https?:\/\/[^\s/]/u.test(text) || !URL.canParse(text)) {
    throw usageError(`"${text}" is not the address of a server: it must begin with http:// or https://`);
  }
  return text;
}

/** Which server is meant, the most explicit first. */
export function serverOf(
  options: GlobalOptions,
  environment: NodeJS.ProcessEnv,
): { readonly url: string; readonly profile: Profile | undefined } {
  const named = options.profile ?? environment["EMET_PROFILE"];
  const profiles = loadProfiles(environment);
  const profile =
    named === undefined ? profiles.profiles[profiles.active_profile ?? ""] : profileNamed(profiles, named);
  const fromProfile = options.profile === undefined ? undefined : profile?.url;
  const url = options.url ?? fromProfile ?? environment["EMET_URL"] ?? profile?.url ?? localUrl(environment);
  return { url: checkedUrl(url), profile };
}

export function openSession(options: GlobalOptions, environment: NodeJS.ProcessEnv): Session {
  const { url, profile } = serverOf(options, environment);
  // A client of one address needs no other; a profile's second address belongs to its first.
  const workerUrl = url === profile?.url ? profile.worker_url : undefined;
  if (profile?.allow_insecure === true && url === profile.url) process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  return {
    emet: new EmetClient({ url, workerUrl, retries: { attemptsMax: 4 } }),
    out: new Output(formatOf(options, profile)),
    defaultComponent: environment["EMET_COMPONENT"] ?? profile?.default_component,
  };
}

function formatOf({ format, json, yaml }: GlobalOptions, profile: Profile | undefined): Format {
  if (json === true && yaml === true) throw usageError("only one of --json and --yaml can be given");
  if (json === true) return "json";
  if (yaml === true) return "yaml";
  const asked = format ?? profile?.config?.default_format ?? "text";
  const known = formats.find((item) => item === asked);
  if (known === undefined) throw usageError(`there is no format "${asked}": it must be ${formats.join(", ")}`);
  return known;
}
