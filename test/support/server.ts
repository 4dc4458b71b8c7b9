/** A real server process for suites: started on a free port over a directory of its own, killed and started again. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";

const launcher = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const stackKb = 4000;

/** The flags that the launcher sets, so that suites run the same engine without a process in between. */
const nodeFlags = [
  `--stack-size=${stackKb}`,
  `--wasm-stack-switching-stack-size=${stackKb}`,
  "--disable-warning=ExperimentalWarning",
  "--conditions=source",
];

/** What the launcher sets, too. */
const allocator = { MALLOC_ARENA_MAX: "2", MALLOC_MMAP_THRESHOLD_: "262144", MALLOC_TRIM_THRESHOLD_: "16777216" };

const readyMsMax = 60_000;

export interface ServerOptions {
  /** Further command-line flags. */
  readonly flags?: readonly string[];
  /** Further flags of Node. */
  readonly nodeFlags?: readonly string[];
  /** Installs and runs the bundled example, as a first start does. */
  readonly example?: boolean;
  /** Made, and removed at the end, when none is given. */
  readonly dataDirectory?: string;
}

export class TestServer implements AsyncDisposable {
  readonly dataDirectory: string;
  #flags: readonly string[];
  readonly #nodeFlags: readonly string[];
  readonly #ownsDirectory: boolean;
  #child: ChildProcess | undefined;
  #ending = false;
  url = "";
  /** Where custom HTTP APIs are served. */
  customUrl = "";
  /** Everything the process said on standard error. */
  errors = "";

  private constructor(dataDirectory: string, options: ServerOptions) {
    this.dataDirectory = dataDirectory;
    this.#ownsDirectory = options.dataDirectory === undefined;
    this.#nodeFlags = [...nodeFlags, ...(options.nodeFlags ?? [])];
    this.#flags = [...(options.example === true ? [] : ["--no-example"]), ...(options.flags ?? [])];
  }

  static async start(options: ServerOptions = {}): Promise<TestServer> {
    const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), "emet-test-")));
    const server = new TestServer(dataDirectory, options);
    await server.start();
    return server;
  }

  /** Starts one that must end by itself; tells how. */
  static async startRefused(
    options: ServerOptions & { readonly dataDirectory: string },
  ): Promise<{ readonly exitCode: number | null; readonly errors: string }> {
    await using server = new TestServer(options.dataDirectory, options);
    const refused = await server.start().then(
      () => false,
      () => true,
    );
    if (!refused) throw new Error("the server did start");
    const child = server.#child;
    if (server.running && child !== undefined) await once(child, "exit");
    return { exitCode: child?.exitCode ?? null, errors: server.errors };
  }

  /** Resolves when the server accepts calls. */
  async start(): Promise<void> {
    const flags = [
      "start",
      "--data-dir",
      this.dataDirectory,
      "--port",
      "0",
      "--custom-request-port",
      "0",
      ...this.#flags,
    ];
    const child = spawn(process.execPath, [...this.#nodeFlags, launcher, ...flags], {
      env: { ...allocator, ...process.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.#ending = false;
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.errors += text;
    });
    const timeout = setTimeout(() => child.kill("SIGKILL"), readyMsMax);
    for await (const line of createInterface(child.stdout)) {
      const [, customUrl] = /APIs are served at (\S+)/u.exec(line) ?? [];
      if (customUrl !== undefined) this.customUrl = customUrl;
      const [, url] = /running at (\S+)/u.exec(line) ?? [];
      if (url === undefined) continue;
      clearTimeout(timeout);
      this.url = url;
      child.stdout.resume();
      child.once("exit", (code, signal) => {
        if (!this.#ending) console.error(`the server ended by itself with ${signal ?? code}: ${this.errors}`);
      });
      return;
    }
    clearTimeout(timeout);
    throw new Error(`the server did not start: ${this.errors}`);
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get processId(): number | undefined {
    return this.#child?.pid;
  }

  /** SIGKILL: what a power cut or the kernel would do to the process. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** SIGTERM: the graceful way. Returns the exit code. */
  async stop(): Promise<number | null> {
    return await this.#end("SIGTERM");
  }

  /** Kills it and starts it again, with other command-line flags if they are given. */
  async restart(flags?: readonly string[]): Promise<void> {
    await this.kill();
    if (flags !== undefined) this.#flags = ["--no-example", ...flags];
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    if (this.#ownsDirectory) await rm(this.dataDirectory, { recursive: true, force: true });
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || !this.running) return child?.exitCode ?? null;
    const exited = once(child, "exit");
    this.#ending = true;
    child.kill(signal);
    await exited;
    return child.exitCode;
  }
}
