/** A shell in a pseudo-terminal, driven as a person would: by typing, and by reading what comes. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { eventually } from "./poll.ts";

/** Of util-linux; part of every Debian. */
const script = "/usr/bin/script";

/** Whether this machine has what pseudo-terminals need here. */
export const hasTerminal = existsSync(script) && existsSync("/bin/bash");

const promptPattern = /\[(\d+)\]\$ $/u;
const columns = 120;

export class Terminal implements AsyncDisposable {
  readonly #child: ChildProcess;
  /** Everything that was shown since the begin. */
  record = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.record += text;
    });
  }

  static async open(directory: string, environment: NodeJS.ProcessEnv): Promise<Terminal> {
    // A shell that isn't interactive, as the one between, forgets the prompt that it is given.
    const shell = `stty cols ${columns} rows 40 -echoctl; PS1='[$?]$ ' exec bash --noprofile --norc`;
    const env = { ...environment, SHELL: "/bin/sh", TERM: "xterm-256color", INPUTRC: "/dev/null" };
    const child = spawn(script, ["-qefc", shell, "/dev/null"], {
      cwd: directory,
      env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const terminal = new Terminal(child);
    await terminal.#prompt(0);
    // Bracketed paste would put its marks around every prompt.
    await terminal.run("bind 'set enable-bracketed-paste off'");
    return terminal;
  }

  /** Types without waiting; `\u0003` is Ctrl-C, `\t` the tabulator. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Types a line; gives what is shown until the next prompt, and the exit code that the prompt tells. */
  async run(line: string): Promise<{ readonly shown: string; readonly code: number }> {
    const start = this.record.length;
    this.type(`${line}\n`);
    return await this.#prompt(start + 1);
  }

  /** Waits until something is shown after `start`; gives everything from there on. */
  async shows(pattern: RegExp, start: number): Promise<string> {
    return await eventually(
      async () => {
        const shown = this.record.slice(start);
        return pattern.test(shown) && shown;
      },
      `${String(pattern)} is shown, after ${JSON.stringify(this.record.slice(start, start + 4000))}`,
    );
  }

  /** Waits for the prompt that follows what was typed. */
  async prompt(start: number): Promise<{ readonly shown: string; readonly code: number }> {
    return await this.#prompt(start);
  }

  async #prompt(start: number): Promise<{ readonly shown: string; readonly code: number }> {
    const shown = await this.shows(promptPattern, start);
    const [, code = ""] = promptPattern.exec(shown) ?? [];
    return { shown, code: Number(code) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const closed = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await closed;
  }
}
