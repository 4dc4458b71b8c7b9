/**
 * Copies into the built server what makes components of core modules: a small part of what it comes from, so that the
 * packages themselves, which bring compilers along, are needed for development only. The folders' layout is that of jco.
 */
import { cp, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const target = new URL("../packages/server/dist/component/preview1/", import.meta.url);
const transpile = new URL("../", import.meta.resolve("@bytecodealliance/jco-transpile/wasm-tools"));
const adapters = new URL("../lib/", import.meta.resolve("@bytecodealliance/jco"));

const files: readonly (readonly [from: URL, to: string])[] = [
  [new URL("LICENSE", transpile), "LICENSE"],
  [new URL("dist/wasm-tools.js", transpile), "dist/wasm-tools.js"],
  ...["wasm-tools.js", "wasm-tools.core.wasm", "wasm-tools.core2.wasm"].map((name): readonly [URL, string] => [
    new URL(`vendor/${name}`, transpile),
    `vendor/${name}`,
  ]),
  ...["command", "reactor"].map((kind): readonly [URL, string] => {
    const name = `wasi_snapshot_preview1.${kind}.wasm`;
    return [new URL(name, adapters), name];
  }),
];

for (const [from, to] of files) {
  const path = fileURLToPath(new URL(to, target));
  await mkdir(new URL(".", new URL(to, target)), { recursive: true });
  await cp(fileURLToPath(from), path);
}
