/** The command as a process of its own, with a configuration directory of its own. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export class EmetCommand implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), "emet-cli-"));
  readonly #url: () => string;
  readonly #children = new Set<ChildProcess>();

  constructor(url: () => string) {
    this.#url = url;
  }

  /** What the command finds in its environment: nothing of the tester's. */
  environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(
      ([name]) => !/^(?:EMET_|NO_COLOR|FORCE_COLOR|COLORTERM|NODE_TEST|CI$)/u.test(name),
    );
    return {
      ...Object.fromEntries(own),
      EMET_URL: this.#url(),
      EMET_CONFIG_DIR: join(this.directory, "config"),
      ...more,
    };
  }

  /** What is to be started, for those who start it otherwise. */
  words(parameters: readonly string[]): readonly string[] {
    return [process.execPath, "--conditions=source", main, ...parameters];
  }

  start(parameters: readonly string[], more: NodeJS.ProcessEnv = {}): ChildProcess {
    const [program = "", ...words] = this.words(parameters);
    const env = this.environment(more);
    const child = spawn(program, words, { cwd: this.directory, env, stdio: ["pipe", "pipe", "pipe"] });
    this.#children.add(child);
    child.once("close", () => this.#children.delete(child));
    return child;
  }

  async run(parameters: readonly string[], more: NodeJS.ProcessEnv = {}, input = ""): Promise<Outcome> {
    const child = this.start(parameters, more);
    let output = "";
    let errors = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.stdin?.end(input);
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output, errors };
  }

  /** Ends what a failed test has left behind, too. */
  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill("SIGKILL");
    // What ended a moment ago may still write its caches.
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
