/** Guests in C and Rust, built with the toolchains of Debian (`.ci/run` installs them). */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { componentEmbed, componentNew, preview1AdapterReactorPath } from "@bytecodealliance/jco";

const run = promisify(execFile);

type Build = (source: string, output: string) => readonly [command: string, parameters: readonly string[]];

const builds: { readonly [extension: string]: Build } = {
  c: (source, output) => ["clang", ["--target=wasm32-wasi", "-O1", "-mexec-model=reactor", source, "-o", output]],
  rs: (source, output) => [
    // Debian's, whose standard library for WebAssembly is a package; another may come first in the path.
    "/usr/bin/rustc",
    ["--target", "wasm32-wasi", "--crate-type", "cdylib", "-O", "-C", "strip=symbols", source, "-o", output],
  ],
};

/**
 * A component from `guest.c` or `guest.rs`. Undefined where the toolchain is missing, which is said; an error where the
 * environment demands it, so that continuous integration never leaves a suite out.
 */
export async function nativeGuest(name: string, extension: "c" | "rs"): Promise<Uint8Array | undefined> {
  const directory = new URL(`../guests/${name}/`, import.meta.url);
  const temporary = await mkdtemp(join(tmpdir(), "emet-guest-"));
  try {
    const output = join(temporary, "core.wasm");
    const [command, parameters] = builds[extension]?.(new URL(`guest.${extension}`, directory).pathname, output) ?? [
      "",
      [],
    ];
    try {
      await run(command, parameters);
    } catch (error) {
      if (process.env["EMET_TOOLCHAINS"] === "required") throw error;
      console.log(`left out: the guest "${name}" needs ${command} for wasm32-wasi`);
      return undefined;
    }
    const witSource = await readFile(new URL("guest.wit", directory), "utf8");
    const binary = await componentEmbed({ binary: await readFile(output), witSource });
    return await componentNew(binary, [["wasi_snapshot_preview1", await readFile(preview1AdapterReactorPath())]]);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
