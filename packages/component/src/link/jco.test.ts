import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { componentEmbed, componentNew, parse, transpile } from "@bytecodealliance/jco";
import * as fc from "fast-check";
import { valueOf } from "../canonical/random-values.ts";
import type { CoreModule } from "../canonical/webassembly.ts";
import { WebAssembly } from "../canonical/webassembly.ts";
import { decode } from "../decode/decode.ts";
import type { Value } from "../host.ts";
import { compile, withoutRewriting } from "./component.ts";
import { importsOf } from "./guest-for-tests.ts";
import { instantiate } from "./instance.ts";

// A list comes in as pointer and length, and goes out as a pointer to both: the same code serves every element type.
const core = `(module
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $next) (i32.sub (local.get 2) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get 2))))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (loop $grow (if (i32.gt_u (global.get $next) (i32.shl (memory.size) (i32.const 16)))
      (then (drop (memory.grow (i32.const 1))) (br $grow))))
    (local.get $at))
  (func (export "test:it/api#echo") (param i32 i32) (result i32)
    (i32.store (i32.const 8) (local.get 0))
    (i32.store (i32.const 12) (local.get 1))
    (i32.const 8)))`;

const elements: readonly (readonly [declarations: string, element: string])[] = [
  ["", "tuple<bool, u8, s8, u16, s16, u32, s32, u64, s64, f32, f64, char, string>"],
  ["", "option<option<string>>"],
  ["", "result<list<u32>, result<_, string>>"],
  ["", "tuple<list<u8>, list<s16>, list<u64>, list<f32>, list<f64>, list<bool>, list<char>>"],
  ["record http-status { code: u16, reason-phrase: option<string> }", "http-status"],
  ["variant shape { circle(f32), square(f64), named(string), point, sized(tuple<u8, u64>) }", "shape"],
  ["flags rights { can-read, can-write, owned } enum color { red, dark-blue }", "tuple<rights, color>"],
];

interface JcoModule {
  readonly instantiate: (
    core: (path: string) => CoreModule,
    imports: object,
  ) => { readonly api: { readonly echo: (list: Value) => unknown } };
}

async function transpiled(bytes: Uint8Array): Promise<(list: Value) => unknown> {
  const { files } = await transpile(bytes, { name: "guest", instantiation: "sync", wasiShim: false });
  const folder = await mkdtemp(join(tmpdir(), "emet-test-"));
  try {
    const file = join(folder, "guest.mjs");
    await writeFile(file, files["guest.js"] ?? "");
    const module = (await import(pathToFileURL(file).href)) as JcoModule;
    return module.instantiate((path) => new WebAssembly.Module(files[path] ?? new Uint8Array()), {}).api.echo;
  } finally {
    await rm(folder, { recursive: true });
  }
}

for (const [declarations, element] of elements) {
  test(`jco and this runtime agree on lists of ${element}`, async () => {
    const echo = `echo: func(values: list<${element}>) -> list<${element}>;`;
    const witSource = `package test:it; interface api { ${declarations} ${echo} } world it { export api; }`;
    const binary = await parse(core);
    const bytes = await componentNew(await componentEmbed({ binary, witSource, world: "it" }));
    const jco = await transpiled(bytes);
    const instance = await instantiate(await compile(withoutRewriting(decode(bytes), bytes)), importsOf());
    const exported = instance.function("test:it/api", "echo");
    const type = exported?.type.parameters[0]?.type;
    assert.ok(exported && type);
    fc.assert(
      fc.property(valueOf(type), (list) => {
        const result = exported.callSync([list]);
        assert.deepEqual(result, list);
        assert.deepEqual(result, jco(list));
      }),
      { numRuns: 30 },
    );
  });
}
