/**
 * Guests in JavaScript: `test/guests/js/NAME.js` (or `.ts`) with the world in `test/guests/js/NAME.wit`, which imports
 * interfaces of `packages/sdk/wit` by name.
 *
 * ```js
 * import { Bucket } from "wasi:keyvalue/types@0.1.0";
 * import { subscribeDuration } from "wasi:clocks/monotonic-clock@0.2.0";
 *
 * export function run() {
 *   subscribeDuration(1_000_000n).block();
 *   return Bucket.openBucket("things") !== undefined;
 * }
 * ```
 *
 * Host calls block. Names are camelCase, u64 is bigint, an `err` is thrown as an error whose `payload` it is. An
 * exported function throws what is to be its `err`; variables of the module live as long as the worker.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { componentize, version } from "@bytecodealliance/componentize-js";
import { withSdkPackagesForEngine } from "../../packages/cli/src/component-build/sdk-packages.ts";

const guests = new URL("../guests/js/", import.meta.url);
const cache = new URL("../../node_modules/.cache/emet-guests/", import.meta.url);

async function readSource(name: string, folder: URL): Promise<string> {
  const typed = new URL(`${name}.ts`, folder);
  if (existsSync(typed)) return stripTypeScriptTypes(await readFile(typed, "utf8"));
  return await readFile(new URL(`${name}.js`, folder), "utf8");
}

/** What the engine can import for itself, by the interfaces behind it. */
const engineFeatures = { http: "wasi:http/", random: "wasi:random/", clocks: "wasi:clocks/" } as const;

/**
 * The engine's own imports are left out, but for standard output, where it tells of errors that nobody caught. What the
 * world imports stays: leaving out makes a trap of every function of the interface.
 */
function featuresToLeaveOut(world: string): ("fetch-event" | keyof typeof engineFeatures)[] {
  const features = Object.keys(engineFeatures) as (keyof typeof engineFeatures)[];
  return ["fetch-event", ...features.filter((feature) => !world.includes(engineFeatures[feature]))];
}

const keptMs = 7 * 24 * 60 * 60 * 1000;

/** Builds of sources that are no more would fill the disk in time; which those are isn't known, but age tells. */
async function removeOld(): Promise<void> {
  const files = (await readdir(cache)).map((file) => new URL(file, cache));
  for (const file of files) {
    const found = await stat(file).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > keptMs) await rm(file, { force: true });
  }
}

async function build(source: string, witWorld: string, world: string, cached: URL): Promise<Uint8Array> {
  // The declaration asks for a path, which this form has no use for.
  const options = { disableFeatures: featuresToLeaveOut(world) } as Parameters<typeof componentize>[2];
  const { component } = await componentize(source, witWorld, options);
  await mkdir(cache, { recursive: true });
  // Other processes may build the same at the same time: none may see half a file.
  const partial = new URL(`${cached.href}-${process.pid}.part`);
  await writeFile(partial, component);
  await rename(partial, cached);
  await removeOld();
  return component;
}

const builds = new Map<string, Promise<Uint8Array>>();

/**
 * The component of a JavaScript guest. Building one takes some 15 s; it is kept until its sources change. `edit` makes
 * another version of it, `folder` says where its sources are. Suites of one process that want the same at the same time
 * share one build.
 */
export async function jsGuest(
  name: string,
  edit: (source: string) => string = (source) => source,
  folder: URL = guests,
): Promise<Uint8Array> {
  const source = edit(await readSource(name, folder));
  const world = await readFile(new URL(`${name}.wit`, folder), "utf8");
  const witWorld = withSdkPackagesForEngine(world);
  const key = JSON.stringify([version, source, witWorld, featuresToLeaveOut(world)]);
  const hash = createHash("sha256").update(key).digest("hex");
  const cached = new URL(`${name}-${hash.slice(0, 16)}.wasm`, cache);
  if (existsSync(cached)) return await readFile(cached);
  const started = builds.get(cached.href) ?? build(source, witWorld, world, cached);
  builds.set(cached.href, started);
  return await started;
}
