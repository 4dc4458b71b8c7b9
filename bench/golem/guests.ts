/**
 * The components of Golem's benchmarks: our own, or with `--golem-components=FOLDER` those that Golem's set uses, as far
 * as they are there.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco";
import { withSdkPackages } from "../../packages/cli/src/component-build/sdk-packages.ts";
import { jsGuest } from "../../test/support/js-guest.ts";
import { textOption } from "../harness/report.ts";
import { padded } from "./pad.ts";

const here = new URL("./", import.meta.url);
const golemFolder = textOption("golem-components");

const read = (name: string): Promise<string> => readFile(new URL(name, here), "utf8");

async function moduleGuest(name: string, edit: (source: string) => string, pad?: typeof large): Promise<Uint8Array> {
  const core = await parse(edit(await read(`${name}.wat`)));
  const witSource = withSdkPackages(await read(`${name}.wit`));
  const binary = await componentEmbed({ binary: pad?.(core) ?? core, witSource });
  return await componentNew(binary);
}

/** As much as a Python interpreter with its library. */
const large = (core: Uint8Array): Uint8Array =>
  padded(core, { codeBytes: 30_000_000, dataBytes: 8_000_000, dataAt: 2_000_000 });

/** The function that is repeated, and memory for the data. */
function withPadding(source: string): string {
  const steps = "local.get 0 i32.const 1234567 i32.mul i32.const 7654321 i32.add local.set 0 ".repeat(100);
  const last = `(func (param i32) (result i32) ${steps} local.get 0)`;
  return source.replace('(export "memory") 4)', '(export "memory") 320)').replace(/\)\s*$/u, `${last})`);
}

const asIs = (source: string): string => source;

export interface Guest {
  readonly bytes: Uint8Array;
  /** Of the function that is called. */
  readonly call: string;
  readonly origin: string;
}

async function golems(name: string, call: string): Promise<Guest | undefined> {
  if (golemFolder === undefined) return undefined;
  const file = join(golemFolder, `${name}.wasm`);
  return existsSync(file) ? { bytes: await readFile(file), call, origin: `Golem's ${name}` } : undefined;
}

async function own(bytes: Promise<Uint8Array>, call: string): Promise<Guest> {
  return { bytes: await bytes, call, origin: "our own" };
}

const echo = "golem:it/api.{echo}";
/** 512 MB. */
const manyPages = 8192;

/** Golem's is of Rust, of JavaScript, of Python. */
export const echoGuests: { readonly [size in "small" | "medium" | "large"]: () => Promise<Guest> } = {
  small: async () => (await golems("rust-echo", echo)) ?? (await own(moduleGuest("worker", asIs), echo)),
  medium: async () => (await golems("js-echo", echo)) ?? (await own(jsGuest("echo", undefined, here), echo)),
  large: async () => (await golems("py-echo", echo)) ?? (await own(moduleGuest("worker", withPadding, large), echo)),
};

/** Of the worker that does the work. */
export async function childGuest(): Promise<Guest> {
  return (await golems("child_component", "")) ?? (await own(moduleGuest("worker", asIs), ""));
}

/** Of the worker that asks it; undefined where it is the same component. */
export async function parentGuest(): Promise<Guest | undefined> {
  return await golems("parent_component_composed", "");
}

export const waiters: {
  readonly [task in "sleep" | "overhead" | "dynamic" | "initial"]: () => Promise<Guest>;
} = {
  sleep: async () => (await golems("clocks", "sleep-for")) ?? (await own(moduleGuest("waiter", asIs), "sleep-for")),
  overhead: async () =>
    (await golems("durability-overhead", "golem:it/api.{run}")) ??
    (await own(moduleGuest("waiter", asIs), "golem:it/api.{run}")),
  dynamic: async () =>
    (await golems("large-dynamic-memory", "run")) ?? (await own(moduleGuest("waiter", asIs), "grow")),
  initial: async () =>
    (await golems("large-initial-memory", "run")) ??
    (await own(
      moduleGuest("waiter", (source) => source.replace('(export "memory") 1)', `(export "memory") ${manyPages})`)),
      "look",
    )),
};
