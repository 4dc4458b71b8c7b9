/** The command: help, settings and where they come from, start and stop. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client } from "../support/client.ts";
import { moduleGuest } from "../support/guests.ts";
import { TestServer } from "../support/server.ts";

const launcher = fileURLToPath(new URL("../../packages/cli/bin/emet.mjs", import.meta.url));

interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

describe("the emet command", () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "emet-command-"));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  async function emet(parameters: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const child = spawn(process.execPath, [launcher, ...parameters], {
      cwd: directory,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output, errors };
  }

  /** The value and the source of a setting as `emet config` shows them. */
  async function configured(
    name: string,
    parameters: readonly string[],
    environment: NodeJS.ProcessEnv = {},
  ): Promise<readonly string[]> {
    const { code, output, errors } = await emet(["config", ...parameters], environment);
    assert.equal(code, 0, errors);
    const line = output.split("\n").find((text) => text.startsWith(`${name} `)) ?? "";
    return line.split(/\s{2,}/u).slice(1, 3);
  }

  test("--help lists the commands, and start's every flag", async () => {
    const help = await emet(["--help"]);
    assert.equal(help.code, 0);
    for (const word of ["start", "config"]) assert.ok(help.output.includes(word), word);
    const start = await emet(["start", "--help"]);
    assert.equal(start.code, 0);
    for (const flag of ["--port", "--data-dir", "--clean", "--no-example", "--config", "--host"]) {
      assert.ok(start.output.includes(flag), flag);
    }
    const { code, output } = await emet(["--version"]);
    assert.equal(code, 0);
    assert.match(output, /^\d+\.\d+\.\d+/u);
  });

  test("wrong commands and flags end with an error", async () => {
    for (const parameters of [["nonsense"], ["start", "--nonsense"], ["config", "--port"]]) {
      const { code, errors } = await emet(parameters);
      assert.notEqual(code, 0, parameters.join(" "));
      assert.match(errors, /error/u);
    }
  });

  test("flags win over the environment, which wins over the file, which wins over defaults", async () => {
    const file = join(directory, "settings.json");
    await writeFile(file, JSON.stringify({ port: 1111, executors: 7 }));
    assert.deepEqual(await configured("port", []), ["9881", "default"]);
    assert.deepEqual(await configured("port", ["--config", file]), ["1111", "configuration file"]);
    const environment = { EMET_PORT: "2222" };
    assert.deepEqual(await configured("port", ["--config", file], environment), ["2222", "EMET_PORT"]);
    assert.deepEqual(await configured("port", ["--config", file, "--port", "3333"], environment), ["3333", "--port"]);
    assert.deepEqual(await configured("executors", ["--config", file], environment), ["7", "configuration file"]);
    assert.deepEqual(await configured("example", ["--no-example"]), ["false", "--no-example"]);
    await writeFile(join(directory, "emet.json"), JSON.stringify({ port: 4444 }));
    assert.deepEqual(await configured("port", []), ["4444", "configuration file"]);
    await rm(join(directory, "emet.json"));
  });

  test("settings that can't be are named", async () => {
    const file = join(directory, "wrong.json");
    const cases = [
      [["--port", "many"], {}, /--port.*many/u],
      [["--port", "70000"], {}, /--port/u],
      [[], { EMET_EXECUTORS: "0" }, /EMET_EXECUTORS/u],
      [["--config", join(directory, "missing.json")], {}, /missing\.json/u],
    ] as const;
    for (const [parameters, environment, expected] of cases) {
      const { code, errors } = await emet(["config", ...parameters], environment);
      assert.equal(code, 2, errors);
      assert.match(errors, expected);
    }
    for (const [content, expected] of [
      ["{", /wrong\.json/u],
      ["[]", /wrong\.json/u],
      ['{"prot":1}', /"prot"/u],
      ['{"port":"x"}', /configuration file.*x/u],
    ] as const) {
      await writeFile(file, content);
      const { code, errors } = await emet(["start", "--config", file]);
      assert.equal(code, 2, errors);
      assert.match(errors, expected);
    }
  });

  test("a port that is taken: code 1 and a message that names it", async () => {
    const taken = createServer();
    taken.listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const flags = ["start", "--no-example", "--data-dir", join(directory, "taken"), "--port", String(port)];
    const { code, errors } = await emet(flags);
    taken.close();
    assert.equal(code, 1);
    assert.match(errors, new RegExp(`${port}`, "u"));
    assert.match(errors, /in use/u);
  });

  test("a data directory that another server has: code 1, and the other goes on", async () => {
    await using first = await TestServer.start();
    const flags = [
      "start",
      "--no-example",
      "--data-dir",
      first.dataDirectory,
      "--port",
      "0",
      "--custom-request-port",
      "0",
    ];
    const { code, errors } = await emet(flags);
    assert.equal(code, 1);
    assert.match(errors, /cannot start/u);
    assert.deepEqual(await new Client(() => first.url).ok("GET", "/healthcheck"), {});
  });

  test("SIGTERM ends it with code 0, also with work under way, and nothing is lost", async () => {
    await using server = await TestServer.start();
    const client = new Client(() => server.url);
    const worker = client.worker(await client.upload("probe", await moduleGuest("probe")), "w");
    assert.equal(await worker.invoke("test:probe/api.{bump}"), 1);
    await worker.enqueue("test:probe/api.{sleep}", [1000], "s");
    assert.equal(await server.stop(), 0);
    await server.start();
    assert.equal(await worker.invoke("test:probe/api.{sleep}", [1000], "s"), undefined);
    assert.equal(await worker.invoke("test:probe/api.{count}"), 2);
  });

  test("the launcher passes SIGTERM on", async () => {
    const flags = [
      "start",
      "--no-example",
      "--data-dir",
      join(directory, "launched"),
      "--port",
      "0",
      "--custom-request-port",
      "0",
    ];
    const child = spawn(process.execPath, [launcher, ...flags], {
      cwd: directory,
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const chunk of child.stdout) if (String(chunk).includes("running at")) break;
    const exited = once(child, "exit") as Promise<[number | null]>;
    child.kill("SIGTERM");
    assert.deepEqual((await exited)[0], 0);
  });

  test("--clean forgets everything", async () => {
    const dataDirectory = join(directory, "cleaned");
    await using server = await TestServer.start({ dataDirectory });
    const client = new Client(() => server.url);
    await client.upload("echo", await moduleGuest("echo"));
    await server.stop();
    assert.ok((await readdir(dataDirectory)).length > 0);
    await using clean = await TestServer.start({ dataDirectory, flags: ["--clean"] });
    assert.deepEqual(await new Client(() => clean.url).ok("GET", "/v1/components"), []);
  });
});
