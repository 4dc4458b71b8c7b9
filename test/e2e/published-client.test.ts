/** The client as it is published: runs on Node from version 20 on, imports nothing of Node, brings no validation library. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Client } from "../support/client.ts";
import { moduleGuest } from "../support/guests.ts";
import { TestServer } from "../support/server.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const packages = ["component", "contract"].map((name) => join(root, "packages", name));

/** A Node that is older than the project's, where the system has one. */
const systemNode = "/usr/bin/node";

const importPattern = /(?:from|import)\s*\(?\s*"([^"]+)"/gu;

async function importsOf(file: string): Promise<readonly string[]> {
  return [...(await readFile(file, "utf8")).matchAll(importPattern)].map(([, target = ""]) => target);
}

/** Every file that an entry reaches within the packages, and what it imports from elsewhere. */
async function reach(entry: string): Promise<{ readonly files: Set<string>; readonly others: Set<string> }> {
  const files = new Set<string>();
  const others = new Set<string>();
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const target of await importsOf(file)) {
      if (target.startsWith(".")) open.push(join(dirname(file), target));
      else if (target.startsWith("@emet/component")) {
        const name = target === "@emet/component" ? "index" : target.slice("@emet/component/".length);
        open.push(join(root, "packages/component/dist", `${name}.js`));
      } else others.add(target);
    }
  }
  return { files, others };
}

/** What a user's program does, in plain JavaScript. */
const program = `
import { EmetClient, EmetError, formatJson } from "@emet/contract/client";
const emet = new EmetClient({ url: process.argv[1] });
const [component] = await emet.components.list("echo");
const id = { componentId: component.versionedComponentId.componentId, workerName: "old-node" };
const { value } = await emet.workers.invoke(id, "test:echo/api.{u64}", [18446744073709551615n]);
const code = await emet.workers.get({ ...id, workerName: "none" }).catch((error) => error instanceof EmetError && error.code);
const names = [];
for await (const worker of emet.workers.list(id.componentId)) names.push(worker.workerId.workerName);
console.log(formatJson({ node: process.versions.node, value, code, names }));
`;

describe("the published client", () => {
  before(async () => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    for (const folder of packages) await run(process.execPath, [tsc, "-p", join(folder, "tsconfig.build.json")]);
  });

  test("imports nothing of Node", async () => {
    for (const folder of packages) {
      const dist = join(folder, "dist");
      for (const file of await readdir(dist, { recursive: true })) {
        if (!file.endsWith(".js")) continue;
        for (const target of await importsOf(join(dist, file))) assert.doesNotMatch(target, /^node:/u, file);
      }
    }
  });

  test("brings neither schemas nor the component runtime", async () => {
    const { files, others } = await reach(join(root, "packages/contract/dist/client/index.js"));
    assert.deepEqual([...others], []);
    assert.ok(files.size > 10);
    for (const file of files) assert.doesNotMatch(file, /component\/dist\/(?:index|decode|link)/u);
  });

  test("has types for each entry", async () => {
    for (const folder of packages) {
      const { exports } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
        readonly exports: { readonly [entry: string]: { readonly types: string; readonly default: string } };
      };
      for (const { types, default: code } of Object.values(exports)) {
        assert.ok(existsSync(join(folder, types)) && existsSync(join(folder, code)), types);
      }
    }
  });

  test("calls a server from the oldest Node at hand", async (context) => {
    await using server = await TestServer.start();
    await new Client(() => server.url).upload("echo", await moduleGuest("echo"));
    const node = existsSync(systemNode) ? systemNode : process.execPath;
    // Run where the package is found as a user's program finds it.
    const { stdout } = await run(node, ["--input-type=module", "-e", program, server.url], {
      cwd: join(root, "packages/cli"),
    });
    const { node: version, ...result } = JSON.parse(stdout.replace("18446744073709551615", '"exact"')) as {
      readonly node: string;
    };
    context.diagnostic(`run on Node ${version}`);
    assert.deepEqual(result, { value: ["exact"], code: "not-found", names: ["old-node"] });
  });
});
