/** Guests in C and Rust, built with the toolchains of Debian (`.ci/run` installs them). */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { componentEmbed, componentNew, preview1AdapterReactorPath } from "@bytecodealliance/jco";

const run = promisify(execFile);

type Build = (source: string, output: string) => readonly [command: string, parameters: readonly string[]];

const toWasi = ["--target=wasm32-wasi", "-O1"];

const builds: { readonly [extension: string]: Build } = {
  c: (source, output) => ["clang", [...toWasi, "-mexec-model=reactor", source, "-o", output]],
  rs: (source, output) => [
    // Debian's, whose standard library for WebAssembly is a package; another may come first in the path.
    "/usr/bin/rustc",
    ["--target", "wasm32-wasi", "--crate-type", "cdylib", "-O", "-C", "strip=symbols", source, "-o", output],
  ],
};

const buildProgram: Build = (source, output) => ["clang", [...toWasi, source, "-o", output]];

/**
 * A component from `guest.c` or `guest.rs`. Undefined where the toolchain is missing, which is said; an error where the
 * environment demands it, so that continuous integration never leaves a suite out.
 */
export async function nativeGuest(name: string, extension: "c" | "rs"): Promise<Uint8Array | undefined> {
  const build = builds[extension];
  const binary = build === undefined ? undefined : await compile(build, name, extension);
  if (binary === undefined) return undefined;
  const witSource = await readFile(new URL(`../guests/${name}/guest.wit`, import.meta.url), "utf8");
  const embedded = await componentEmbed({ binary, witSource });
  return await componentNew(embedded, [["wasi_snapshot_preview1", await readFile(preview1AdapterReactorPath())]]);
}

/** A program with `main` as the compiler makes it: a core module for WASI preview 1. Undefined as for `nativeGuest`. */
export async function nativeProgram(name: string, extension: "c"): Promise<Uint8Array | undefined> {
  return await compile(buildProgram, name, extension);
}

async function compile(build: Build, name: string, extension: string): Promise<Uint8Array | undefined> {
  const source = new URL(`../guests/${name}/guest.${extension}`, import.meta.url).pathname;
  const temporary = await mkdtemp(join(tmpdir(), "emet-guest-"));
  try {
    const output = join(temporary, "core.wasm");
    const [command, parameters] = build(source, output);
    try {
      await run(command, parameters);
    } catch (error) {
      if (process.env["EMET_TOOLCHAINS"] === "required") throw error;
      console.log(`left out: the guest "${name}" needs ${command} for wasm32-wasi`);
      return undefined;
    }
    return await readFile(output);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
