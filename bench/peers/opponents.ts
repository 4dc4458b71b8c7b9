/** The opponents: their packages are installed when they are needed (`bench/opponents/package.json`). */
import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TestDatabase, freePort } from "../../test/support/databases.ts";
import { progress } from "../harness/report.ts";
import { Server } from "./peer.ts";
import type { Peer, TaskRequest } from "./peer.ts";

const folder = fileURLToPath(new URL("../opponents/", import.meta.url));
const packages = join(folder, "node_modules");

/** False where that isn't possible, which is said. */
export function installOpponents(): boolean {
  const installed = statSync(join(packages, ".package-lock.json"), { throwIfNoEntry: false });
  if (installed !== undefined && installed.mtimeMs >= statSync(join(folder, "package-lock.json")).mtimeMs) return true;
  progress("installing opponents (npm ci in bench/opponents)");
  try {
    execFileSync("npm", ["ci"], { cwd: folder, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
    return true;
  } catch (error) {
    progress(`opponents are left out, since they can't be installed: ${(error as Error).message.slice(0, 500)}`);
    return false;
  }
}

async function temporaryFolder(disposables: AsyncDisposableStack): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "emet-bench-"));
  disposables.defer(() => rm(made, { recursive: true, force: true }));
  return made;
}

const startNode = (file: string, ...parameters: readonly string[]): Promise<Server> =>
  Server.start(process.execPath, [file, ...parameters], { patterns: [/^(http:\S+)/u], folder });

/** The one task that a server without durability can do. */
export async function startPlain(disposables: AsyncDisposableStack): Promise<Peer> {
  const server = disposables.use(await startNode(fileURLToPath(new URL("../http/plain-server.ts", import.meta.url))));
  return {
    name: "plain Node",
    url: server.groups[0] ?? "",
    tasks: { counter: { path: () => "/", body: () => '{"params":[1]}' } },
    durability: "keeps nothing",
    processIds: [server.processId],
  };
}

const pathOf =
  (start: string, prefix: string, operation: string) =>
  (client: number): string =>
    `${start}/${prefix}${client}/${operation}`;

const callBody = (client: number): string => `{"other":"callee${client}","amount":1}`;

const restateConfig = `
disable-telemetry = true
log-filter = "warn,restate_ingress_http=info,restate_admin=info"
`;

export async function startRestate(disposables: AsyncDisposableStack): Promise<Peer> {
  const data = await temporaryFolder(disposables);
  const configFile = join(data, "restate.toml");
  await writeFile(configFile, restateConfig);
  const service = disposables.use(await startNode(join(folder, "restate-service.mjs")));
  const program = join(packages, `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`);
  const flags = ["--no-logo", "--log-format", "json", "--listen-mode", "tcp", "--bind-ip", "127.0.0.1"];
  const parameters = [...flags, "--use-random-ports", "true", "--base-dir", join(data, "data"), "-c", configFile];
  const patterns = [/Ingress HTTP listening.*?"server\.port":(\d+)/u, /Admin API starting on: (http:[^"]+?)\/?"/u];
  const server = disposables.use(await Server.start(program, parameters, { patterns }));
  const [ingress = "", admin = ""] = server.groups;
  await register(admin, service.groups[0] ?? "");
  const json = (body: string) => () => body;
  return {
    name: "Restate",
    url: `http://127.0.0.1:${ingress}`,
    tasks: {
      counter: { path: pathOf("/Counter", "counter", "add"), body: json("1") },
      // A handler without input must get no body.
      steps: { path: pathOf("/Counter", "steps", "steps"), body: json("") },
      call: { path: pathOf("/Counter", "caller", "call"), body: callBody },
    },
    durability:
      "journal in the replicated log of one node (RocksDB, its log synced: the default), 24 partitions (the default); handlers in a Node process beside it",
    processIds: [server.processId],
  };
}

async function register(admin: string, uri: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const reply = await fetch(`${admin}/deployments`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ uri }),
    }).catch(() => undefined);
    if (reply?.ok === true) return;
    if (performance.now() > deadline) throw new Error(`Restate takes no deployment: ${await reply?.text()}`);
  }
}

/** Undefined where there is no PostgreSQL. */
export async function startDbos(disposables: AsyncDisposableStack): Promise<Peer | undefined> {
  const database = await TestDatabase.start("postgres", ["-cfsync=on"]);
  if (database === undefined) return undefined;
  disposables.use(database);
  const server = disposables.use(await startNode(join(folder, "dbos-server.mjs"), database.address));
  return {
    name: "DBOS",
    url: server.groups[0] ?? "",
    tasks: {
      counter: { path: pathOf("", "counter", "add"), body: () => '{"amount":1}' },
      steps: { path: pathOf("", "steps", "steps"), body: () => "{}" },
      call: { path: pathOf("", "caller", "call"), body: callBody },
    },
    durability:
      "workflows and steps in PostgreSQL 15 (fsync and synchronous_commit on, all else as shipped), pools of 20 connections; workflows in the Node process that serves HTTP. The counter's row is changed in a step, which a crash may do twice: the data source that would do it in one transaction is published for an older SDK only",
    processIds: [database.processId],
  };
}

/** Undefined where its package has no program for the system. */
export async function startWorkerd(disposables: AsyncDisposableStack): Promise<Peer | undefined> {
  const architecture = process.arch === "x64" ? "64" : process.arch;
  const program = join(packages, `@cloudflare/workerd-${process.platform}-${architecture}/bin/workerd`);
  if (!existsSync(program)) return undefined;
  const data = await temporaryFolder(disposables);
  await mkdir(join(data, "objects"));
  await copyFile(join(folder, "workerd-object.mjs"), join(data, "workerd-object.mjs"));
  const port = await freePort();
  const config = await readFile(join(folder, "workerd.capnp"), "utf8");
  const written = join(data, "workerd.capnp");
  await writeFile(written, config.replace("FOLDER", join(data, "objects")).replace("PORT", String(port)));
  // It tells of its sockets on the descriptor that it is given.
  const parameters = ["serve", "--experimental", "--control-fd=1", written];
  const server = disposables.use(await Server.start(program, parameters, { patterns: [/"event":"(listen)"/u] }));
  const request = (prefix: string, operation: string, body: TaskRequest["body"]): TaskRequest => ({
    path: pathOf("", prefix, operation),
    body,
  });
  return {
    name: "workerd",
    url: `http://127.0.0.1:${port}`,
    tasks: {
      counter: request("counter", "add", () => '{"amount":1}'),
      steps: request("steps", "steps", () => "{}"),
      call: request("caller", "call", callBody),
    },
    durability:
      "Durable Objects on the local disk, a SQLite file each; an answer waits for the writes before it. Only state is kept, not calls: one that a crash interrupts is not taken up again, and a repeated one counts twice",
    processIds: [server.processId],
  };
}
