import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { buildComponent } from "./build.ts";

describe("buildComponent()", () => {
  let directory: string;
  const file = (name: string): string => join(directory, name);

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "emet-build-"));
    await writeFile(file("world.wit"), "package test:build;\nworld guest { export run: func() -> u32; }\n");
  });
  after(() => rm(directory, { recursive: true, force: true }));

  async function refused(name: string, code: string): Promise<string> {
    await writeFile(file(name), code);
    const given = { source: file(name), wit: file("world.wit"), output: file("out.wasm") };
    return await buildComponent(given).then(
      () => "",
      (error: unknown) => String(error),
    );
  }

  it("names the file that isn't there", async () => {
    const given = { source: file("none.ts"), wit: file("world.wit"), output: file("out.wasm") };
    await assert.rejects(buildComponent(given), /cannot read .*none\.ts: ENOENT/u);
  });

  it("tells where the syntax is wrong", async () => {
    for (const name of ["wrong.ts", "wrong.js"]) {
      assert.match(await refused(name, "let a = 1;\nexport function run( {\n"), /wrong\.[jt]s:2: .*\nexport function/u);
    }
  });

  it("refuses syntax that is more than types", async () => {
    assert.match(await refused("enum.ts", "enum Colour { Red }\nexport const run = () => 1;\n"), /enum\.ts:1: .*enum/u);
  });
});
