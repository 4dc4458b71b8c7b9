/** The `emet` command. */
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// Half of a short command's time is compilation. In a directory of the user's own, since what lies there is executed.
const caches = process.env["XDG_CACHE_HOME"];
enableCompileCache(join(caches === undefined || caches === "" ? join(homedir(), ".cache") : caches, "emet"));

const { runProgram } = await import("./program.ts");
await runProgram(process.argv.slice(2));
