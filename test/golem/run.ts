/**
 * Runs components that others built for Golem 1.1 and compares what they answer, before and after the server is killed.
 * They aren't part of this repository: `npm run test:golem -- DIRECTORY [NAME …]` takes a folder with Golem's
 * `test-components/*.wasm` of tag v1.1.0.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "../support/client.ts";
import type { FormFields } from "../support/client.ts";
import { TestServer } from "../support/server.ts";
import { cases } from "./cases.ts";

const [directory, ...only] = process.argv.slice(2);
if (directory === undefined) {
  console.error("usage: npm run test:golem -- DIRECTORY [NAME …]");
  process.exit(2);
}

await using server = await TestServer.start();
const client = new Client(() => server.url);
const binary = (component: string): Promise<Uint8Array> => readFile(join(directory, `${component}.wasm`));
const install = async (name: string, component: string, fields: FormFields = {}): Promise<string> =>
  client.upload(name, await binary(component), fields);
let failed = 0;
const chosen = Object.entries(cases).filter(([component]) => only.length === 0 || only.includes(component));
for (const [component, run] of chosen) {
  const started = performance.now();
  try {
    const id = await install(component, component);
    const others = (other: string, fields: FormFields = {}): Promise<string> =>
      install(`${other} for ${component} ${Object.keys(fields).join()}`, other, fields);
    await run({ client, id, worker: (name) => client.worker(id, name), server, binary, install: others });
    console.log(`ok    ${component} (${Math.round(performance.now() - started)} ms)`);
  } catch (error) {
    failed += 1;
    const message = error instanceof assert.AssertionError ? error.message : String(error);
    console.log(`FAIL  ${component}: ${message}`);
    if (!server.running) {
      console.log(server.errors);
      await server.start();
    }
  }
}
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
