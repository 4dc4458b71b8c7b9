/** Programs built for WASI preview 1, uploaded as the core modules that they are (spec/service.md §2). */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { parse } from "@bytecodealliance/jco";
import { Client, golemErrorOf } from "../support/client.ts";
import type { JsonObject, Reply } from "../support/client.ts";
import { EventStream } from "../support/event-stream.ts";
import { textGuest } from "../support/guests.ts";
import { nativeProgram } from "../support/native-guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

const run = "wasi:cli/run@0.2.0.{run}";

describe("a core module for WASI preview 1", () => {
  let server: TestServer;
  let client: Client;

  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
  });
  after(() => server[Symbol.asyncDispose]());

  /** Runs a program as a worker of its own; gives what it wrote to standard output, and the reply. */
  async function runProgram(
    componentId: string,
    worker: { readonly name: string; readonly args?: readonly string[]; readonly env?: JsonObject },
  ): Promise<{ readonly output: string; readonly reply: Reply }> {
    await client.ok("POST", `/v1/components/${componentId}/workers`, { args: [], env: {}, ...worker });
    const program = client.worker(componentId, worker.name);
    using stream = await EventStream.open(server.url, program.path);
    const reply = await program.invokeRaw(run);
    const finished = (): boolean => stream.names().some((name) => name === "InvocationFinished" || name === "Close");
    if (reply.status === 200) await eventually(() => Promise.resolve(finished()), "the end of the output");
    return { output: stream.output().join(""), reply };
  }

  async function refusal(binary: Uint8Array): Promise<string> {
    const form = new FormData();
    form.set("name", `refused-${crypto.randomUUID()}`);
    form.set("component", new Blob([Uint8Array.from(binary)]), "module.wasm");
    const { status, body } = await client.request("POST", "/v1/components", { body: form });
    assert.equal(status, 400);
    return JSON.stringify(body);
  }

  test("runs as wasi:cli/run, before and after a kill; what is downloaded is what was uploaded", async () => {
    const module = await textGuest("command");
    const id = await client.upload("command", module);
    const first = await runProgram(id, { name: "first", args: ["one"] });
    assert.equal(first.output, "one\n");
    assert.deepEqual((first.reply.body as JsonObject)["result"], {
      typ: { type: "Tuple", items: [{ type: "Result", ok: null, err: null }] },
      value: [{ ok: null }],
    });
    await server.restart();
    assert.equal((await runProgram(id, { name: "second", args: [] })).output, "");
    const failed = await runProgram(id, { name: "third", args: ["one", "two"] });
    assert.deepEqual((failed.reply.body as JsonObject)["golemError"], {
      type: "RuntimeError",
      details: "Process exited",
    });
    const response = await fetch(`${server.url}/v1/components/${id}/download`);
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), new Uint8Array(module));
  });

  test("has run to its end when it exits with code 0, which is told again after a kill", async () => {
    const component = await textGuest("command", (source) =>
      source.replace("(call $proc_exit (i32.load (i32.const 0)))", "(call $proc_exit (i32.const 0))"),
    );
    const id = await client.upload("exiting", component);
    const { output, reply } = await runProgram(id, { name: "w", args: ["one", "two"] });
    assert.deepEqual([output, reply.status], ["one\ntwo\n", 200]);
    const { value } = (reply.body as { readonly result: JsonObject }).result;
    assert.deepEqual(value, [{ ok: null }]);

    const worker = client.worker(id, "again");
    await client.ok("POST", `/v1/components/${id}/workers`, { name: "again", args: ["one", "two"], env: {} });
    for (const killed of [false, true]) {
      if (killed) await server.restart();
      assert.deepEqual(await worker.invoke(run, [], "key"), { ok: null });
      // The process is gone: nothing can go on in it.
      assert.equal((await worker.metadata())["status"], "Exited");
      assert.equal(golemErrorOf(await worker.invokeRaw(run, [], "other"))["type"], "PreviousInvocationExited");
    }

    const ephemeral = await client.upload("exiting-anew", component, { componentType: "Ephemeral" });
    await client.ok("POST", `/v1/components/${ephemeral}/workers`, { name: "w", args: ["one", "two"], env: {} });
    for (const key of ["first", "second", "first"]) {
      assert.deepEqual(await client.worker(ephemeral, "w").invoke(run, [], key), { ok: null });
    }
  });

  test("is refused where it can't be adapted, and the reason is told", async () => {
    const module = async (text: string): Promise<string> => await refusal(await parse(`(module ${text})`));
    assert.match(
      await module('(import "env" "f" (func)) (memory (export "memory") 1) (func (export "_start"))'),
      /env/u,
    );
    assert.match(await module('(func (export "add") (result i32) i32.const 1)'), /nothing to call/u);
    assert.match(
      await module('(import "wasi_unstable" "proc_exit" (func (param i32))) (func (export "_start"))'),
      /wasi_unstable/u,
    );
    assert.match(
      await module('(import "wasi_snapshot_preview1" "proc_exit" (func)) (func (export "_start"))'),
      /proc_exit/u,
    );
    assert.match(await refusal(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 77)), /not valid/u);
  });

  test("may take all of its memory for its own", async () => {
    const id = await client.upload("greedy", await textGuest("greedy"));
    const { output, reply } = await runProgram(id, { name: "w" });
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    assert.equal(output, "whole\nwhole\n");
    await server.restart();
    assert.equal((await client.worker(id, "w").metadata())["status"], "Idle");
  });

  test("in C has arguments, an environment, files and a clock", async () => {
    const module = await nativeProgram("program", "c");
    if (module === undefined) return;
    const id = await client.upload("program", module);
    const worker = { name: "w", args: ["program", "héllo"], env: { GREETING: "hi" } };
    const { output, reply } = await runProgram(id, worker);
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    assert.equal(output, "hi héllo\nread: written\ntime passes\n");
    await server.restart();
    assert.equal((await client.worker(id, "w").invokeRaw(run)).status, 200);
  });
});
