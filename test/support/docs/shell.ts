/** Types the commands of a page into one shell in an empty directory, and keeps what each block prints. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Step } from "./page.ts";

const bin = fileURLToPath(new URL("bin/", import.meta.url));
/** What `npm install @emet/contract` and the like would bring. */
const packages = fileURLToPath(new URL("../../../node_modules/@emet", import.meta.url));
const pageMsMax = 240_000;

/** What readers have by default; in the page's text they stand for the ports of this run. */
const defaultPorts = { api: 9881, custom: 9006 } as const;

export interface Ports {
  readonly api: number;
  readonly custom: number;
}

export interface BlockOutcome {
  readonly step: Step;
  readonly output: string;
  /** Of the block's last command; undefined when an earlier block ended the shell. */
  readonly status: number | undefined;
}

/** The server of a page runs behind it, as in a second terminal. Whatever the shell's end leaves is killed by its id. */
const preamble = `
emet() {
  if [ "$1" != start ]; then command emet "$@"; return; fi
  command emet "$@" > "$PAGE_LOG/server" 2>&1 < /dev/null &
  echo $! >> "$PAGE_LOG/pids"
  disown $!
  while ! grep -q "Data is kept in" "$PAGE_LOG/server"; do
    kill -0 $! 2> /dev/null || { cat "$PAGE_LOG/server"; return 1; }
    sleep 0.1
  done
  cat "$PAGE_LOG/server"
}
npm() {
  [ "$1" = start ] || { command npm "$@"; return; }
  export EMET_EXAMPLE=true
  emet start
  while ! grep -q "Try next" "$PAGE_LOG/server"; do sleep 0.1; done
}
npx() {
  [ "$1" = emet ] || { command npx "$@"; return; }
  shift
  emet "$@"
}
trap '[ -f "$PAGE_LOG/pids" ] && kill -9 $(cat "$PAGE_LOG/pids") 2> /dev/null; kill $(jobs -p) 2> /dev/null; true' EXIT
`;

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function script(steps: readonly Step[], log: string): string {
  const blocks = steps.map((step, index) =>
    step.kind === "commands"
      ? `{\n${step.text}\n} > '${log}/${index}' 2>&1 < /dev/null\necho $? > '${log}/${index}.status'`
      : "",
  );
  return `${preamble}\n${blocks.join("\n")}\n`;
}

function environment(ports: Ports, log: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:EMET_|NO_COLOR|FORCE_COLOR|NODE_TEST)/u.test(name));
  return {
    ...Object.fromEntries(own),
    PATH: `${bin}:${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
    PAGE_LOG: log,
    EMET_NODE: process.execPath,
    NODE_OPTIONS: "--conditions=source",
    EMET_PORT: String(ports.api),
    EMET_CUSTOM_REQUEST_PORT: String(ports.custom),
    HOME: join(log, "home"),
    XDG_STATE_HOME: undefined,
    XDG_CONFIG_HOME: undefined,
    EMET_EXAMPLE: "false",
  };
}

/** The names of the page's ports to those of this run, or back. */
function rename(text: string, from: Ports, to: Ports): string {
  return text
    .replaceAll(new RegExp(`\\b${from.api}\\b`, "gu"), String(to.api))
    .replaceAll(new RegExp(`\\b${from.custom}\\b`, "gu"), String(to.custom));
}

/** Runs the commands in their order; none is left out when one fails. */
export async function runSteps(steps: readonly Step[], ports: Ports): Promise<readonly BlockOutcome[]> {
  const root = await mkdtemp(join(tmpdir(), "emet-docs-"));
  const [directory, log] = [join(root, "work"), join(root, "log")];
  try {
    await Promise.all([directory, log].map((path) => mkdir(path)));
    await mkdir(join(directory, "node_modules"));
    await symlink(packages, join(directory, "node_modules/@emet"));
    for (const step of steps) {
      if (step.kind !== "file") continue;
      await writeFile(join(directory, basename(step.path)), rename(step.text, defaultPorts, ports));
    }
    await writeFile(join(log, "script"), rename(script(steps, log), defaultPorts, ports));
    const child = spawn("bash", [join(log, "script")], {
      cwd: directory,
      env: environment(ports, log),
      stdio: "inherit",
    });
    const timeout = setTimeout(() => child.kill(), pageMsMax);
    await once(child, "exit");
    clearTimeout(timeout);
    return await Promise.all(
      steps.map(async (step, index) => {
        const read = (name: string): Promise<string> => readFile(join(log, name), "utf8").catch(() => "");
        const status = (await read(`${index}.status`)).trim();
        const output = rename(await read(String(index)), ports, defaultPorts).replaceAll(directory, "…");
        return { step, output, status: status === "" ? undefined : Number(status) };
      }),
    );
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}
