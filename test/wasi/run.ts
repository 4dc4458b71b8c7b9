/**
 * Runs the programs for WASI preview 1 that wasi-testsuite publishes (https://github.com/WebAssembly/wasi-testsuite, its
 * branch prod/testsuite-base). They aren't part of this repository:
 * `npm run test:wasi -- DIRECTORY [NAME …]` takes a folder with programs (`*.wasm`) at any depth, with what is told of
 * each in the file of the same name (`*.json`).
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { framesOf, decodeEntry } from "../../packages/server/src/durability/oplog/decode-entry.ts";
import { openStorage } from "../../packages/server/src/storage/storage.ts";
import { Client } from "../support/client.ts";
import { EventStream } from "../support/event-stream.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";
import { zipDirectory } from "./zip.ts";

const run = "wasi:cli/run@0.2.0.{run}";

/** Programs that expect what a worker doesn't have, or that the adapter does in another way; checked to fail still. */
const differences: { readonly [program: string]: string } = {
  "environ_get-multiple-variables": "a worker has three variables more",
  "environ_sizes_get-multiple-variables": "a worker has three variables more",
  "environ_sizes_get-no-variables": "a worker has three variables more",
  "fd_write-to-invalid-fd": "the adapter doesn't look at a descriptor that nothing is written to",
  "sock_shutdown-invalid_fd": "descriptor 3, which should be none, is a worker's root directory",
};

interface Specification {
  readonly args?: readonly string[];
  readonly env?: { readonly [name: string]: string };
  /** The directory that is to be `/`. */
  readonly root?: string;
  readonly exit_code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

interface Outcome {
  readonly program: string;
  readonly specification: Specification;
  readonly componentId: string;
  readonly stdout: string;
  readonly stderr: string;
  /** What the invocation failed with. */
  readonly failure: string | undefined;
}

async function programs(directory: string): Promise<readonly string[]> {
  const files = await readdir(directory, { recursive: true });
  return files
    .filter((file) => file.endsWith(".wasm") && !file.includes("wasip3"))
    .toSorted()
    .map((file) => join(directory, file));
}

async function specificationOf(program: string): Promise<Specification> {
  const path = program.replace(/\.wasm$/u, ".json");
  return existsSync(path) ? (JSON.parse(await readFile(path, "utf8")) as Specification) : {};
}

async function upload(client: Client, program: string, root: string | undefined): Promise<string> {
  const form = new FormData();
  form.set("name", program);
  form.set("component", new Blob([await readFile(program)]), "module.wasm");
  if (root !== undefined) {
    const { zip, paths } = await zipDirectory(join(dirname(program), root));
    form.set("files", new Blob([Uint8Array.from(zip)]), "files.zip");
    const values = paths.map((path) => ({ path, permissions: "read-write" }));
    form.set("filesPermissions", JSON.stringify({ values }));
  }
  const { status, body } = await client.request("POST", "/v1/components", { body: form });
  assert.equal(status, 200, JSON.stringify(body));
  return (body as { readonly versionedComponentId: { readonly componentId: string } }).versionedComponentId.componentId;
}

async function runProgram(server: TestServer, client: Client, program: string): Promise<Outcome> {
  const specification = await specificationOf(program);
  const componentId = await upload(client, program, specification.root);
  const args = [basename(program), ...(specification.args ?? [])];
  const env = specification.env ?? {};
  await client.ok("POST", `/v1/components/${componentId}/workers`, { name: "w", args, env });
  const worker = client.worker(componentId, "w");
  using stream = await EventStream.open(server.url, worker.path);
  const { status, body } = await worker.invokeRaw(run);
  const failure = status === 200 ? undefined : JSON.stringify(body);
  const { stdout = "" } = specification;
  const written = (): boolean => stream.output().join("").length >= stdout.length;
  await eventually(() => Promise.resolve(written()), "the output", 2000).catch(() => undefined);
  return {
    program,
    specification,
    componentId,
    stdout: stream.output().join(""),
    stderr: stream.output("StdErr").join(""),
    failure,
  };
}

/** The code of the last exit in a worker's history. */
async function exitCodes(dataDirectory: string, outcomes: readonly Outcome[]): Promise<readonly number[]> {
  const onFatal = (error: Error): never => {
    throw error;
  };
  const storage = await openStorage({ dataDirectory, onFatal });
  const { oplogs, blobs } = storage.client(storage.connect());
  const codes: number[] = [];
  for (const { componentId, failure } of outcomes) {
    const worker = { componentId, workerName: "w" };
    const { chunks } = await oplogs.read(worker, 1, Number.MAX_SAFE_INTEGER);
    const entries = chunks.flatMap((chunk) =>
      [...framesOf(chunk)].filter(({ kind }) => kind === "exited").map((record) => decodeEntry(record, blobs.getSync)),
    );
    const [exited] = entries.map((entry) => (entry.kind === "exited" ? entry.fields.exitCode : undefined));
    codes.push(exited ?? (failure === undefined ? 0 : 134));
  }
  await storage.close();
  return codes;
}

/** What is wrong, if anything is. The adapter tells of an exit only whether it was a failure. */
function fault({ specification, stdout, stderr, failure }: Outcome, code: number): string | undefined {
  const { exit_code: expected = 0, stdout: output, stderr: errors } = specification;
  if ((expected === 0) !== (code === 0)) return failure ?? `exit code ${code}, expected ${expected}`;
  if (output !== undefined && stdout !== output)
    return `wrote ${JSON.stringify(stdout)}, expected ${JSON.stringify(output)}`;
  if (errors !== undefined && stderr !== errors) return `wrote ${JSON.stringify(stderr)} to standard error`;
  return undefined;
}

function verdict(program: string, wrong: string | undefined, difference: string | undefined): string {
  if (wrong === undefined) return difference === undefined ? `ok    ${program}` : `FAIL  ${program}: it passes now`;
  return difference === undefined ? `FAIL  ${program}: ${wrong}` : `known ${program}: ${difference}`;
}

async function main(directory: string, only: readonly string[]): Promise<number> {
  await using server = await TestServer.start();
  const client = new Client(() => server.url);
  const outcomes: Outcome[] = [];
  let failed = 0;
  for (const program of await programs(directory)) {
    if (only.length > 0 && !only.some((name) => program.includes(name))) continue;
    try {
      outcomes.push(await runProgram(server, client, program));
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${program}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  await server.stop();
  const codes = await exitCodes(server.dataDirectory, outcomes);
  for (const [index, outcome] of outcomes.entries()) {
    const wrong = fault(outcome, codes[index] ?? 0);
    const difference = differences[basename(outcome.program, ".wasm")];
    if ((wrong === undefined) !== (difference === undefined)) failed += 1;
    console.log(verdict(outcome.program, wrong, difference));
  }
  console.log(`${outcomes.length} ran, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

const [directory, ...only] = process.argv.slice(2);
if (directory === undefined) {
  console.error("usage: npm run test:wasi -- DIRECTORY [NAME …]");
  process.exit(2);
}
process.exitCode = await main(directory, only);
