/** What all threads of this process are started with. */
import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";

/** The environment of a new thread: it uses the cache of compiled code that this one uses, which it wouldn't by itself. */
export function threadEnvironment(): NodeJS.ProcessEnv {
  const cache = getCompileCacheDir();
  // What is asked for is the directory above the one for this version of the engine.
  return cache === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(cache) };
}
