/** `emet component build`, which takes some 15 s, with a cache: what has the same sources is built once. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { version } from "@bytecodealliance/componentize-js";
import { disabledFeatures } from "../../../packages/cli/src/component-build/build.ts";
import { bytes } from "../../../packages/cli/src/output/text.ts";
import { withSdkPackagesForEngine } from "../../../packages/cli/src/component-build/sdk-packages.ts";

const cache = new URL("../../../node_modules/.cache/emet-guests/", import.meta.url);
const packages = new URL("../../../packages/cli/src/", import.meta.url);

const words = process.argv.slice(2);
const { positionals, values } = parseArgs({
  args: words.slice(2),
  options: { wit: { type: "string" }, output: { type: "string", short: "o" } },
  allowPositionals: true,
});
const [source = ""] = positionals;
const named = (ending: string): string => source.replace(/\.[jt]s$/u, ending);
const { wit = named(".wit"), output = named(".wasm") } = values;

const read = (path: string | URL): string => readFileSync(path, "utf8");
const sources = JSON.stringify([version, source, read(source), withSdkPackagesForEngine(read(wit)), disabledFeatures]);
const hash = createHash("sha256").update(sources).digest("hex").slice(0, 16);
const cached = fileURLToPath(new URL(`docs-${hash}.wasm`, cache));

if (existsSync(cached)) {
  copyFileSync(cached, output);
  console.log(`${output}: ${bytes(readFileSync(output).length)}`);
} else {
  const main = fileURLToPath(new URL("main.ts", packages));
  const { status } = spawnSync(process.execPath, [...process.execArgv, main, ...words], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  mkdirSync(cache, { recursive: true });
  // Other pages may build the same at the same time: none may see half a file.
  copyFileSync(output, `${cached}-${process.pid}`);
  renameSync(`${cached}-${process.pid}`, cached);
}
