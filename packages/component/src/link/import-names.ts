/** Matching of import names by version: which host definition serves an import such as `wasi:io/poll@0.2.3`. */
import type { HostInstance } from "../host.ts";

/** A name without its version, and the versions that may stand for each other. */
interface Track {
  readonly key: string;
  readonly version: readonly number[];
}

const versionPattern = /^(.*)@(\d+)\.(\d+)\.(\d+)$/;

/**
 * The compatibility track of a name: equal for names that serve each other. Versions are compatible with equal major
 * version from 1 on, with equal minor version below 1, and only with themselves at 0.0.x; a prerelease or a name
 * without version serves itself only.
 */
function trackOf(name: string): Track | undefined {
  const match = versionPattern.exec(name);
  if (match === null) return undefined;
  const [, path = ""] = match;
  const version = match.slice(2).map(Number);
  const [major = 0, minor = 0, patch = 0] = version;
  const track = major > 0 ? `${major}` : minor > 0 ? `0.${minor}` : `0.0.${patch}`;
  return { key: `${path}@${track}`, version };
}

/** True if a definition named `offered` serves an import named `wanted`. */
export function serves(offered: string, wanted: string): boolean {
  return offered === wanted || (trackOf(offered)?.key ?? offered) === (trackOf(wanted)?.key ?? wanted);
}

/**
 * A look-up of named things by import name: the exact name first, then the newest version that is compatible.
 *
 * ```ts
 * const find = compatibleLookup([["wasi:io/poll@0.2.0", poll]]);
 * find("wasi:io/poll@0.2.3"); // poll
 * ```
 */
export function compatibleLookup<Thing>(
  entries: Iterable<readonly [name: string, thing: Thing]>,
): (name: string) => Thing | undefined {
  const exact = new Map<string, Thing>();
  const newest = new Map<string, { readonly version: readonly number[]; readonly thing: Thing }>();
  for (const [name, thing] of entries) {
    exact.set(name, thing);
    const track = trackOf(name);
    if (track === undefined) continue;
    const other = newest.get(track.key);
    if (other === undefined || compareVersions(track.version, other.version) > 0) {
      newest.set(track.key, { version: track.version, thing });
    }
  }
  return (name) => {
    const found = exact.get(name);
    if (found !== undefined) return found;
    const track = trackOf(name);
    return track === undefined ? undefined : newest.get(track.key)?.thing;
  };
}

function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (const [index, one] of a.entries()) {
    const difference = one - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The host instances by import name, with compatible versions matched: what `Imports.instance` is usually made of. */
export function hostInstances(instances: {
  readonly [name: string]: HostInstance;
}): (name: string) => HostInstance | undefined {
  return compatibleLookup(Object.entries(instances));
}
