/** Programs in C and Rust: files, clocks, chance and failures, live and after a crash (spec/host-interfaces.md §15, §16, §27). */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../support/client.ts";
import type { JsonObject, WorkerClient } from "../support/client.ts";
import { nativeGuest } from "../support/native-guests.ts";
import { TestServer } from "../support/server.ts";

/** errno of wasi-libc. */
const noEntry = 44;
const exists = 20;
const notEmpty = 55;

const c = await nativeGuest("c", "c");
const rust = await nativeGuest("rust", "rs");

if (c !== undefined) {
  describe("a program in C", () => {
    let server: TestServer;
    let client: Client;
    let componentId: string;

    before(async () => {
      server = await TestServer.start();
      client = new Client(() => server.url);
      componentId = await client.upload("c", c);
    });
    after(() => server[Symbol.asyncDispose]());

    const worker = (name: string): WorkerClient => client.worker(componentId, name);
    const caller =
      (of: WorkerClient) =>
      (name: string, ...parameters: readonly unknown[]): Promise<unknown> =>
        of.invoke(`test:c/api.{${name}}`, parameters);

    test("files, directories and links, the same after a crash", async () => {
      const call = caller(worker("files"));
      assert.equal(await call("make-directory", "/d"), 0);
      assert.equal(await call("make-directory", "/d"), exists);
      assert.equal(await call("write", "/d/a", "one"), 0);
      assert.equal(await call("append", "/d/a", " two"), 0);
      assert.equal(await call("link", "/d/a", "/d/b"), 0);
      assert.equal(await call("symlink", "a", "/d/s"), 0);
      assert.equal(await call("append", "/d/b", " three"), 0);
      assert.equal(await call("rename", "/d/b", "/d/c"), 0);
      assert.equal(await call("write", "/d/gone", "x"), 0);
      assert.equal(await call("remove", "/d/gone"), 0);
      assert.equal(await call("remove-directory", "/d"), notEmpty);
      assert.equal(await call("remove", "/d/gone"), noEntry);
      const look = async (): Promise<readonly unknown[]> =>
        await Promise.all([
          call("read", "/d/a"),
          call("read", "/d/c"),
          call("read", "/d/s"),
          call("readlink", "/d/s"),
          call("list", "/d"),
          call("stat", "/d"),
          call("stat", "/d/a"),
          call("stat", "/d/s"),
          call("stat", "/d/missing"),
        ]);
      const seen = await look();
      assert.deepEqual(seen.slice(0, 4), ["one two three", "one two three", "one two three", "a"]);
      assert.deepEqual(String(seen[4]).trim().split("\n").toSorted(), ["a", "c", "s"]);
      assert.match(String(seen[5]), /^directory /u);
      assert.match(String(seen[6]), /^file 13 2 \d+\.\d{9}$/u);
      assert.match(String(seen[7]), /^link /u);
      await server.restart();
      assert.deepEqual(await look(), seen);
      assert.equal(await call("truncate", "/d/a", 3), 0);
      assert.equal(await call("read", "/d/c"), "one");
    });

    test("an open file keeps its position over a crash", async () => {
      const call = caller(worker("open"));
      await call("write", "/f", "abcdefghij");
      assert.equal(await call("open", "/f"), 0);
      assert.equal(await call("next", 4), "abcd");
      await server.restart();
      assert.equal(await call("next", 4), "efgh");
      assert.equal(await call("open", "/missing"), noEntry);
    });

    test("workers don't see each other's files", async () => {
      await caller(worker("mine"))("write", "/secret", "x");
      assert.match(String(await caller(worker("yours"))("read", "/secret")), /No such file/u);
      for (const path of ["../../etc/passwd", "/etc/passwd", "/../etc/passwd"]) {
        assert.doesNotMatch(String(await caller(worker("yours"))("read", path)), /root/u);
      }
      const call = caller(worker("yours"));
      await call("symlink", "/../../../etc/passwd", "/out");
      assert.doesNotMatch(String(await call("read", "/out")), /root/u);
    });

    test("files larger than a record's inline payload", async () => {
      const call = caller(worker("large"));
      const text = "0123456789abcdef".repeat(10_000);
      assert.equal(await call("write", "/large", text), 0);
      assert.equal(await call("read", "/large"), text);
      await server.restart();
      assert.equal(await call("read", "/large"), text);
    });

    test("environment, clocks, chance, sleep", async () => {
      const call = caller(worker("system"));
      assert.equal(await call("variable", "GOLEM_WORKER_NAME"), "system");
      assert.equal(await call("variable", "HOME"), "");
      const now = Number(await call("now")) / 1e6;
      assert.ok(Math.abs(now - Date.now()) < 60_000);
      assert.notEqual(await call("random"), await call("random"));
      assert.ok(Number(await call("sleep", 50)) >= 50_000_000);
      const key = "kept";
      const kept = await worker("system").invoke("test:c/api.{random}", [], key);
      await server.restart();
      assert.deepEqual(await worker("system").invoke("test:c/api.{random}", [], key), kept);
    });

    test("exit of the C library ends the worker", async () => {
      const { status, body } = await worker("quits").invokeRaw("test:c/api.{quit}", [0]);
      assert.equal(status, 500);
      assert.equal((body as { readonly golemError: JsonObject }).golemError["details"], "Process exited");
      assert.equal((await worker("quits").metadata())["status"], "Exited");
    });
  });
}

if (rust !== undefined) {
  describe("a program in Rust", () => {
    let server: TestServer;
    let client: Client;
    let componentId: string;

    before(async () => {
      server = await TestServer.start();
      client = new Client(() => server.url);
      componentId = await client.upload("rust", rust);
    });
    after(() => server[Symbol.asyncDispose]());

    const call = (worker: string, name: string, ...parameters: readonly unknown[]): Promise<unknown> =>
      client.worker(componentId, worker).invoke(`test:rust/api.{${name}}`, parameters);

    test("files, and a hash map's order, which a crash doesn't change", async () => {
      assert.equal(await call("r", "note", "one"), "one");
      assert.equal(await call("r", "note", "zwei"), "one+zwei");
      const order = await call("r", "hashed");
      assert.equal(String(order).split(" ").length, 32);
      await server.restart();
      assert.equal(await call("r", "note", "drei"), "one+zwei+drei");
      assert.notEqual(await call("other", "hashed"), order);
      const now = Number(await call("r", "now")) / 1e6;
      assert.ok(Math.abs(now - Date.now()) < 60_000);
    });

    test("arguments are those of the creation", async () => {
      await client.ok("POST", `/v1/components/${componentId}/workers`, { name: "args", args: ["a", "b"], env: {} });
      assert.equal(await call("args", "arguments"), "a b");
    });

    test("a panic: the error ends with what Rust wrote to standard error", async () => {
      assert.equal(await call("p", "check", 100), 100);
      const { status, body } = await client.worker(componentId, "p").invokeRaw("test:rust/api.{check}", [101]);
      assert.equal(status, 500);
      const { golemError } = body as { readonly golemError: JsonObject };
      assert.equal(golemError["type"], "RuntimeError");
      const details = String(golemError["details"]);
      assert.match(details, /^error while executing at wasm backtrace:/u);
      assert.match(
        details,
        /\n\nthread '<unnamed>' panicked at 'value is too large'.*\nnote: run with `RUST_BACKTRACE=1`[^\n]*\n$/u,
      );
    });
  });
}
