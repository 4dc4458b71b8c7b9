/** What is compared: a server that does the tasks over HTTP. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export const tasks = ["counter", "steps", "call"] as const;
export type Task = (typeof tasks)[number];

/** A request by which a client has a task done; each client has an object of its own, and another to call. */
export interface TaskRequest {
  readonly path: (client: number) => string;
  readonly body: (client: number) => string;
}

export interface Peer {
  readonly name: string;
  readonly url: string;
  /** Tasks that it has no way to do are left out. */
  readonly tasks: { readonly [task in Task]?: TaskRequest };
  /** What it keeps where, and when that is on disk. */
  readonly durability: string;
  /** The processes whose writes to the disk are its own. */
  readonly processIds: readonly number[];
}

/** A server as a child process that says where it listens. */
export class Server implements AsyncDisposable {
  readonly #child: ChildProcess;
  /** What the first line that matched holds in its groups. */
  readonly groups: readonly string[];

  private constructor(child: ChildProcess, groups: readonly string[]) {
    this.#child = child;
    this.groups = groups;
  }

  /** Resolves with the output of all `patterns`: the first group of each. */
  static async start(command: string, parameters: readonly string[], options: ServerOptions): Promise<Server> {
    const child = spawn(command, parameters, {
      stdio: ["ignore", "pipe", "pipe"],
      ...(options.folder !== undefined && { cwd: options.folder }),
      env: { ...process.env, ...options.environment },
    });
    process.once("exit", () => child.kill("SIGKILL"));
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-10_000);
    });
    const found: (string | undefined)[] = options.patterns.map(() => undefined);
    const timeout = setTimeout(() => child.kill("SIGKILL"), readyMsMax);
    for await (const line of createInterface(child.stdout)) {
      for (const [index, pattern] of options.patterns.entries()) found[index] ??= pattern.exec(line)?.[1];
      if (found.every((group) => group !== undefined)) break;
    }
    clearTimeout(timeout);
    const groups = found.filter((group) => group !== undefined);
    if (groups.length < found.length) {
      child.kill("SIGKILL");
      throw new Error(`"${command}" did not start: ${errors}`);
    }
    child.stdout.resume();
    return new Server(child, groups);
  }

  get processId(): number {
    return this.#child.pid ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}

const readyMsMax = 60_000;

export interface ServerOptions {
  readonly patterns: readonly RegExp[];
  readonly folder?: string;
  readonly environment?: { readonly [name: string]: string };
}
