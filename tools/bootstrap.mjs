// What `npm start` and `npm test` run first, on whatever Node the machine has (20 or later): installs the dependencies
// if they aren't those of the lock file, then runs a script on the project's own Node.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const stamp = join(modules, ".installed");

/** Scripts by name: arguments of npm or of Node. */
const scripts = {
  start: { program: "node", parameters: ["packages/cli/bin/emet.mjs", "start"] },
  verify: { program: "npm", parameters: ["run", "verify"] },
};

function run(program, parameters) {
  const shell = process.platform === "win32";
  const { status, error } = spawnSync(program, parameters, { cwd: root, stdio: "inherit", shell });
  if (error !== undefined) console.error(`cannot run ${program}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

const [name, ...further] = process.argv.slice(2);
const script = scripts[name];
if (script === undefined) {
  console.error(`usage: node tools/bootstrap.mjs ${Object.keys(scripts).join("|")}`);
  process.exit(2);
}

const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  console.log("Installing dependencies …");
  // Not `npm ci`: it refuses lock files that lack optional packages which were never published for some platform.
  run("npm", ["install", "--no-save", "--no-audit", "--no-fund"]);
  writeFileSync(stamp, lock);
}
run(script.program, [...script.parameters, ...further]);
