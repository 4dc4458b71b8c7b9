/** Rules of style that the linter can't express. Each finding is an error; `npm run tidy` runs it. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Layers of the server, from the lowest: a file imports only from its own layer and those before it. */
const serverLayers = ["platform", "component", "durability", "host", "worker", "cluster", "api"];

/** What stands beside the layers and may see only some of them, by folder. */
const exceptions: { readonly [folder: string]: readonly string[] } = {
  /** Implements ports: the platform, and the types that the ports are made of. */
  storage: ["platform", "durability", "worker", "telemetry"],
  /** Listens to what the others tell. */
  telemetry: ["platform", "durability", "host", "worker", "cluster", "storage", "api"],
  config: ["platform"],
};

/** Ports are types: a lower layer may name them where they are declared in a higher one. */
const portFiles = new Set(["worker/stores.ts", "worker/worker-index.ts"]);

const trackedFiles = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "");

const findings: string[] = [];

function layerOf(path: string): string | undefined {
  return /^packages\/server\/src\/([^/]+)\//u.exec(path)?.[1];
}

function resolve(from: string, target: string): string {
  return new URL(target, `file:///${from}`).pathname.slice(1);
}

function checkLayers(file: string, text: string): void {
  const layer = layerOf(file);
  if (layer === undefined || /(\.test|-for-tests)\.ts$/u.test(file)) return;
  for (const [, target = ""] of text.matchAll(/from "(\.[^"]+)"/gu)) {
    const imported = resolve(file, target);
    const other = layerOf(imported);
    if (other === undefined || other === layer) continue;
    if (portFiles.has(imported.replace("packages/server/src/", ""))) continue;
    const allowed = exceptions[layer] ?? serverLayers.slice(0, serverLayers.indexOf(layer));
    if (!allowed.includes(other)) findings.push(`${file}: ${layer} must not import from ${other} (${target})`);
  }
}

const fileName = /^[a-z0-9.-]+$/u;
const unfinished =
  /\b(TODO|FIXME|XXX|HACK)\b|not (yet )?implemented|@ts-(ignore|nocheck|expect-error)|\b(test|it|describe)\.(only|skip|todo)\b/u;

function checkText(file: string, text: string): void {
  for (const [index, line] of text.split("\n").entries()) {
    if (unfinished.test(line)) findings.push(`${file}:${index + 1}: unfinished or silenced: ${line.trim()}`);
  }
}

for (const file of trackedFiles) {
  if (!/\.(ts|mjs)$/u.test(file) || file === "tools/tidy.ts") continue;
  const base = file.split("/").at(-1) ?? "";
  if (!fileName.test(base)) findings.push(`${file}: file names are kebab-case`);
  const text = readFileSync(file, "utf8");
  checkLayers(file, text);
  checkText(file, text);
}

for (const finding of findings) console.error(finding);
if (findings.length > 0) process.exitCode = 1;
else console.log(`tidy: ${trackedFiles.length} files, nothing found`);
