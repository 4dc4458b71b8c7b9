/**
 * Real database servers for suites: PostgreSQL and MariaDB of Debian, each started on a free port of 127.0.0.1 over a
 * directory of its own, and killed at the end.
 */
import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync } from "node:fs";
import { chmod, chown, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "./poll.ts";

const run = promisify(execFile);

/** One that nobody listens on, for programs that can't be given port 0. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Neither server runs as root. */
async function ids(user: string): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(["-u", "-g"].map((flag) => run("id", [flag, user])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}

async function succeeds([command, parameters]: Command): Promise<boolean> {
  return await run(command, [...parameters]).then(
    () => true,
    () => false,
  );
}

type Command = readonly [command: string, parameters: readonly string[]];

interface Kind {
  /** The program, wherever the package has put it. */
  readonly program: () => string | undefined;
  readonly user: string;
  readonly initialize: (program: string, data: string) => Command;
  readonly parameters: (data: string, port: number) => readonly string[];
  /** Succeeds when the server does its work. */
  readonly isReady: (program: string, data: string, port: number) => Command;
  readonly address: (port: number) => string;
}

const kinds = {
  postgres: {
    program: () => globSync("/usr/lib/postgresql/*/bin/postgres").sort().at(-1),
    user: "postgres",
    initialize: (program, data) => [
      program.replace(/postgres$/u, "initdb"),
      ["-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
    ],
    parameters: (data, port) => [`-D${data}`, `-p${port}`, "-h127.0.0.1", `-k${data}`, "-cfsync=off"],
    isReady: (program, _data, port) => [program.replace(/postgres$/u, "pg_isready"), ["-h127.0.0.1", `-p${port}`]],
    address: (port) => `postgres://tester:any@127.0.0.1:${port}/postgres`,
  },
  mysql: {
    program: () => ["/usr/sbin/mariadbd", "/usr/sbin/mysqld"].find(existsSync),
    user: "mysql",
    initialize: (_program, data) => [
      "mariadb-install-db",
      ["--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal", "--skip-test-db"],
    ],
    parameters: (data, port) => [
      "--no-defaults",
      `--datadir=${data}`,
      `--socket=${join(data, "socket")}`,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      "--innodb-flush-log-at-trx-commit=0",
    ],
    isReady: (_program, data) => ["mariadb-admin", [...clientFlags(data), "ping"]],
    address: (port) => `mysql://root@127.0.0.1:${port}/tests`,
  },
} as const satisfies { readonly [kind: string]: Kind };

function clientFlags(data: string): string[] {
  return ["--no-defaults", "-uroot", `--socket=${join(data, "socket")}`];
}

export class TestDatabase implements AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #data: string;

  private constructor(kind: Kind, port: number, child: ChildProcess, data: string) {
    this.port = port;
    this.address = kind.address(port);
    this.#child = child;
    this.#data = data;
  }

  /** Undefined where the program is missing, which is said; an error where the environment demands it. */
  static async start(
    name: keyof typeof kinds,
    /** Parameters of the server that replace those that suites have. */
    further: readonly string[] = [],
  ): Promise<TestDatabase | undefined> {
    const kind: Kind = kinds[name];
    const program = kind.program();
    if (program === undefined) {
      if (process.env["EMET_TOOLCHAINS"] === "required") throw new Error(`there is no server of ${name}`);
      console.log(`left out: this suite needs a server of ${name}`);
      return undefined;
    }
    const data = await mkdtemp(join(tmpdir(), `emet-${name}-`));
    const user = await ids(kind.user);
    if (user !== undefined) await chown(data, user.uid, user.gid);
    await chmod(data, 0o700);
    const options = { ...user, cwd: data };
    const [command, parameters] = kind.initialize(program, data);
    await run(command, [...parameters], options);
    const port = await freePort();
    const child = spawn(program, [...kind.parameters(data, port), ...further], { ...options, stdio: "ignore" });
    // A suite that fails before its tests begin disposes of nothing.
    process.once("exit", () => child.kill("SIGKILL"));
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
      return await succeeds(kind.isReady(program, data, port));
    }, `${name} accepts connections`);
    const database = new TestDatabase(kind, port, child, data);
    if (name === "mysql")
      await run("mariadb", [...clientFlags(data), "-e", "CREATE DATABASE tests CHARACTER SET utf8mb4"]);
    return database;
  }

  get processId(): number {
    return this.#child.pid ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // At once: neither waits for its clients, nor for what it would have to write.
    this.#child.kill("SIGQUIT");
    const timeout = setTimeout(() => this.#child.kill("SIGKILL"), 1000);
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
    clearTimeout(timeout);
    await rm(this.#data, { recursive: true, force: true });
  }
}
