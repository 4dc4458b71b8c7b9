/** Components with files that they begin with, and ephemeral ones. */
import assert from "node:assert/strict";
import { zipArchive } from "../../packages/server/src/component/zip-for-tests.ts";
import type { FormFields } from "../support/client.ts";
import type { Case } from "./setting.ts";

const golem = (name: string): string => `golem:it/api.{${name}}`;

/** Form fields for files: by path what they hold, with `*` behind the paths of those that may be written. */
function initialFiles(files: { readonly [path: string]: string }): FormFields {
  const pathOf = (key: string): string => key.replace("*", "");
  const values = Object.keys(files).map((key) => ({
    path: pathOf(key),
    permissions: key.endsWith("*") ? "read-write" : "read-only",
  }));
  return {
    files: zipArchive(Object.entries(files).map(([key, content]) => ({ name: pathOf(key), content }))),
    filesPermissions: JSON.stringify({ values }),
  };
}

const fileServer: Case = async ({ client, server, install }) => {
  const files = { "/files/foo.txt": "foo\n", "/files/dir/foo.txt": "foo\n", "/files/bar.txt*": "bar\n" };
  const worker = client.worker(await install("file-server", initialFiles(files)), "served");
  const contents = async (): Promise<unknown> =>
    Promise.all(
      ["/files/foo.txt", "/files/bar.txt", "/files/notfound.txt", "/files/dir", "/files/dir/foo.txt"].map((path) =>
        worker.file(path),
      ),
    );
  assert.deepEqual(await contents(), ["foo\n", "bar\n", 404, 400, "foo\n"]);
  assert.equal(await worker.invoke("run"), true);
  const after = ["foo\n", "hello world", 404, 400, "foo\n"];
  assert.deepEqual(await contents(), after);
  await server.restart();
  assert.deepEqual(await contents(), after);
  assert.deepEqual(await worker.list("/files"), ["bar.txt 11 read-write", "dir/", "foo.txt 4 read-only"]);
};

const readWrite: Case = async ({ client, server, install }) => {
  const files = { "/foo.txt": "foo\n", "/bar/baz.txt*": "baz\n", "/baz.txt*": "baz\n" };
  const worker = client.worker(await install("initial-file-read-write", initialFiles(files)), "w");
  assert.deepEqual(await worker.list("/"), ["bar/", "baz.txt 4 read-write", "foo.txt 4 read-only"]);
  const run = (key: string): Promise<unknown> => worker.invoke("run", [], key);
  const expected = ["foo\n", null, null, "baz\n", "hello world"];
  assert.deepEqual(await run("first"), expected);
  await server.restart();
  assert.deepEqual(await run("first"), expected);
  assert.deepEqual([await worker.file("/bar/baz.txt"), await worker.file("/baz.txt")], ["hello world", "baz\n"]);
  assert.deepEqual(await run("second"), ["foo\n", null, null, "hello world", "hello world"]);
  assert.deepEqual(await worker.list("/bar"), ["baz.txt 11 read-write"]);
};

const ownFiles: Case = async ({ worker, server }) => {
  const disk = worker("disk");
  const call = (name: string, ...params: readonly unknown[]): Promise<unknown> => disk.invoke(golem(name), params);
  assert.deepEqual(await call("write-file", "/a.txt", "hello"), { ok: null });
  const info = await call("get-file-info", "/a.txt");
  await server.restart();
  assert.deepEqual(await call("read-file", "/a.txt"), { ok: "hello" });
  assert.deepEqual(await call("get-file-info", "/a.txt"), info);
  assert.deepEqual(await call("create-directory", "/d"), { ok: null });
  assert.deepEqual(await call("rename-file", "/a.txt", "/d/b.txt"), { ok: null });
  assert.deepEqual(await call("create-link", "/d/b.txt", "/l.txt"), { ok: null });
  const hash = await call("hash", "l.txt");
  await server.restart();
  assert.deepEqual(await call("hash", "l.txt"), hash);
  assert.deepEqual(await call("read-file", "/l.txt"), { ok: "hello" });
  assert.deepEqual(await call("write-file-direct", "direct.txt", "x"), { ok: null });
  assert.ok("err" in ((await call("read-file", "/none")) as object));
  assert.ok("err" in ((await call("remove-directory", "/d")) as object));
  assert.deepEqual(await call("remove-file", "/d/b.txt"), { ok: null });
  assert.deepEqual(await call("remove-directory", "/d"), { ok: null });
  assert.deepEqual(await call("read-file", "/l.txt"), { ok: "hello" });
};

/** A read-only file beside what the worker makes itself. */
const givenFiles: Case = async ({ client, server, install }) => {
  const id = await install("file-service", initialFiles({ "/ro/a.txt": "given", "/rw/b.txt*": "given" }));
  const disk = client.worker(id, "given");
  const call = (name: string, ...params: readonly unknown[]): Promise<unknown> => disk.invoke(golem(name), params);
  const refused = async (name: string, ...params: readonly unknown[]): Promise<void> => {
    const result = (await call(name, ...params)) as { readonly err?: string };
    assert.match(result.err ?? "", /not permitted|Operation not permitted/u, `${name} ${params.join()}`);
  };
  const info = await call("get-file-info", "/ro/a.txt");
  for (let round = 0; round < 2; round += 1) {
    assert.deepEqual(await call("read-file", "/ro/a.txt"), { ok: "given" });
    assert.deepEqual(await call("get-info", "/ro/a.txt"), info);
    await refused("write-file", "/ro/a.txt", "other");
    await refused("delete-file", "/ro/a.txt");
    await refused("remove-file", "/ro/a.txt");
    await refused("rename-file", "/ro/a.txt", "/b.txt");
    await refused("rename-file", "/rw/b.txt", "/ro/a.txt");
    await refused("rename-file", "/ro", "/elsewhere");
    await refused("create-link", "/ro/a.txt", "/l.txt");
    assert.ok("err" in ((await call("write-file-direct", "ro/a.txt", "x")) as object));
    assert.ok("err" in ((await call("remove-directory", "/ro")) as object));
    await server.restart();
  }
  assert.deepEqual(await call("create-sym-link", "ro/a.txt", "/s.txt"), { ok: null });
  assert.deepEqual(await call("read-file", "/s.txt"), { ok: "given" });
  await refused("write-file", "/s.txt", "other");
  assert.deepEqual(await call("write-file", "/rw/b.txt", "mine"), { ok: null });
  await server.restart();
  assert.deepEqual(await call("read-file", "/rw/b.txt"), { ok: "mine" });
  assert.deepEqual(await call("delete-file", "/rw/b.txt"), { ok: null });
  assert.equal(await disk.file("/s.txt"), "given");
};

const fileService: Case = async (setting) => {
  await ownFiles(setting);
  await givenFiles(setting);
};

const ephemeral: Case = async ({ client, server, install }) => {
  const componentType = "Ephemeral";
  const api = (name: string): string => `rpc:ephemeral/api.{${name}}`;
  const id = await install("ephemeral", { componentType });
  const worker = client.worker(id, "named");
  const keyOf = (key: string): Promise<unknown> => worker.invoke(api("get-idempotency-key"), [], key);
  assert.equal(await worker.invoke(api("get-worker-name")), "named");
  const first = await keyOf("a");
  assert.notEqual(await keyOf("b"), first);
  await server.restart();
  assert.equal(await keyOf("a"), first);
  assert.equal(await worker.invoke(api("get-worker-name")), "named");
  const counters = client.worker(await install("counters", { componentType }), "test");
  await counters.invoke("rpc:counters/api.{inc-global-by}", [2]);
  assert.equal(await counters.invoke("rpc:counters/api.{get-global-value}"), 0);
  await server.restart();
  assert.equal(await counters.invoke("rpc:counters/api.{get-global-value}"), 0);
};

/** Without a name every call has a worker of its own; keys that are made inside follow from the call's key. */
const unnamed: Case = async ({ client, server, install }) => {
  const id = await install("runtime-service", { componentType: "Ephemeral" });
  const ask = async (name: string, params: readonly unknown[] = [], key?: string): Promise<unknown> => {
    const path = `/v1/components/${id}/invoke-and-await?function=${encodeURIComponent(golem(name))}`;
    const headers: { [name: string]: string } = key === undefined ? {} : { "idempotency-key": key };
    const { status, body } = await client.send("POST", path, { params }, headers);
    return status === 200 ? (body as { readonly result: { readonly value: unknown } }).result.value : body;
  };
  const keys = "generate-idempotency-keys";
  const one = await ask(keys, [], "one");
  assert.notDeepEqual(await ask(keys, [], "two"), one);
  assert.notDeepEqual(await ask(keys), await ask(keys));
  await server.restart();
  assert.deepEqual(await ask(keys, [], "one"), one);
  assert.deepEqual(await ask("explicit-commit", [3]), []);
};

export const fileCases: { readonly [component: string]: Case } = {
  "file-server": fileServer,
  "initial-file-read-write": readWrite,
  "file-service": fileService,
  ephemeral: async (setting) => {
    await ephemeral(setting);
    await unnamed(setting);
  },
};
