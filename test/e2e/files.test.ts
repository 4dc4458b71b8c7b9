/** Initial files of components, and the files of workers as clients see them (spec/service.md §2, §3). */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { zipArchive } from "../../packages/server/src/component/zip-for-tests.ts";
import { Client } from "../support/client.ts";
import type { FormFields, JsonObject, Reply, WorkerClient } from "../support/client.ts";
import { moduleGuest } from "../support/guests.ts";
import { jsGuest } from "../support/js-guest.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

const api = (name: string): string => `test:probe/api.{${name}}`;
const unknownId = "00000000-0000-4000-8000-000000000000";

/** By path what the files hold, with `*` behind the paths of those that may be written. */
function initialFiles(files: { readonly [path: string]: string }): FormFields {
  const entries = Object.entries(files).map(([key, content]) => ({ name: key.replace("*", ""), content }));
  const values = Object.keys(files)
    .filter((key) => key.endsWith("*"))
    .map((key) => ({ path: key.replace("*", ""), permissions: "read-write" }));
  return { files: zipArchive(entries), filesPermissions: JSON.stringify({ values }) };
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

describe("files", () => {
  let server: TestServer;
  let client: Client;
  let probe: Uint8Array;
  let guest: Uint8Array;

  before(async () => {
    server = await TestServer.start({ flags: ["--component-files-max", "100000", "--suspend-after-ms", "50"] });
    client = new Client(() => server.url);
    [probe, guest] = await Promise.all([moduleGuest("probe"), jsGuest("initial-files")]);
  });
  after(() => server[Symbol.asyncDispose]());

  const create = (name: string, fields: FormFields): Promise<Reply> =>
    client.post("/v1/components", { name, component: probe, ...fields });
  const filesOf = ({ status, body }: Reply): unknown => {
    assert.equal(status, 200, JSON.stringify(body));
    return (body as JsonObject)["files"];
  };
  const file = (path: string, content: string, permissions = "read-only"): JsonObject => ({
    key: hashOf(content),
    path,
    permissions,
  });

  describe("of components", () => {
    test("are taken from the archive, with their permissions", async () => {
      const fields = initialFiles({ "/b": "two", "/a/c": "one", "/w*": "two" });
      const expected = [file("/a/c", "one"), file("/b", "two"), file("/w", "two", "read-write")];
      assert.deepEqual(filesOf(await create("taken", fields)), expected);
      const listed = (await client.ok("GET", "/v1/components?component-name=taken")) as readonly JsonObject[];
      assert.deepEqual(listed[0]?.["files"], expected);
      await server.restart();
      const again = (await client.ok("GET", "/v1/components?component-name=taken")) as readonly JsonObject[];
      assert.deepEqual(again, listed);
    });

    test("need both the archive and the permissions", async () => {
      const { files = "", filesPermissions = "" } = initialFiles({ "/a*": "x" });
      assert.deepEqual(filesOf(await create("archive alone", { files })), []);
      assert.deepEqual(filesOf(await create("permissions alone", { filesPermissions })), []);
      const id = await client.upload("both", probe, { files, filesPermissions });
      const update = async (fields: FormFields): Promise<unknown> =>
        filesOf(await client.post(`/v1/components/${id}/updates`, { component: probe, ...fields }));
      const kept = [file("/a", "x", "read-write")];
      assert.deepEqual(await update({}), kept);
      assert.deepEqual(await update({ files: zipArchive([]) }), kept);
      assert.deepEqual(await update({ filesPermissions }), kept);
      const body = Uint8Array.from(probe);
      assert.deepEqual(filesOf(await client.request("PUT", `/v1/components/${id}/upload`, { body })), kept);
      assert.deepEqual(await update(initialFiles({ "/b": "x" })), [file("/b", "x")]);
      assert.deepEqual(await update(initialFiles({})), []);
    });

    test("are refused when something is wrong with them", async () => {
      const values = (given: unknown): string => JSON.stringify({ values: given });
      const permission = (path: string): unknown => [{ path, permissions: "read-write" }];
      const files = zipArchive([{ name: "a", content: "x" }]);
      for (const [fields, message] of [
        [{ files: new Uint8Array(10), filesPermissions: values([]) }, /^Malformed component archive: /u],
        [{ files: new Uint8Array(0), filesPermissions: values([]) }, /^Malformed component archive: /u],
        [
          { files, filesPermissions: values(permission("/b")) },
          /archive: \/b has permissions and is not in the archive/u,
        ],
        [{ files, filesPermissions: values(permission("a")) }, /archive: "a" in filesPermissions is not absolute/u],
        [{ files, filesPermissions: "{" }, /^filesPermissions: /u],
        [{ files, filesPermissions: "{}" }, /^filesPermissions: /u],
        [{ files, filesPermissions: values([{ path: "/a", permissions: "write" }]) }, /^filesPermissions: /u],
        [initialFiles({ "/../a": "x" }), /is not the path of a file/u],
        [initialFiles({ "/a": "x".repeat(100_001) }), /its files have more than 100000 bytes/u],
      ] as const) {
        const { status, body } = await create("refused", fields);
        assert.equal(status, 400, JSON.stringify(body));
        const { errors } = body as { readonly errors: readonly string[] };
        assert.match(errors[0] ?? "", message);
      }
      assert.deepEqual(await client.ok("GET", "/v1/components?component-name=refused"), []);
    });

    test("are stored once, and read by key", async () => {
      const id = await client.upload("read", probe, initialFiles({ "/a": "same", "/b": "same", "/c": "other" }));
      const update = initialFiles({ "/a": "same", "/d": "new" });
      await client.post(`/v1/components/${id}/updates`, { component: probe, ...update });
      const stored = await readdir(join(server.dataDirectory, "blobs", "components", id, "files"));
      assert.deepEqual(stored.length, 3);
      const content = async (version: number, text: string): Promise<unknown> => {
        const bytes = await client.bytes(`/v1/components/${id}/versions/${version}/file-contents/${hashOf(text)}`);
        return typeof bytes === "number" ? bytes : new TextDecoder().decode(bytes);
      };
      assert.deepEqual(
        [await content(0, "same"), await content(0, "other"), await content(0, "new")],
        ["same", "other", 404],
      );
      assert.deepEqual(
        [await content(1, "same"), await content(1, "other"), await content(1, "new")],
        ["same", 404, "new"],
      );
      assert.equal(await content(2, "same"), 404);
      assert.equal(await client.bytes(`/v1/components/${unknownId}/versions/0/file-contents/x`), 404);
    });
  });

  describe("of workers", () => {
    let componentId: string;
    const worker = (name: string): WorkerClient => client.worker(componentId, name);

    before(async () => {
      componentId = await client.upload(
        "files",
        probe,
        initialFiles({ "/ro/a.txt": "hällo", "/w*": "", "/ro/x y%2F": "odd" }),
      );
    });

    test("are listed and read; a worker that isn't there is made for it", async () => {
      const fresh = worker("fresh");
      assert.deepEqual(await fresh.list("/"), ["ro/", "w 0 read-write"]);
      assert.deepEqual(await fresh.list("ro"), ["a.txt 6 read-only", "x y%2F 3 read-only"]);
      assert.equal(await fresh.file("/ro/a.txt"), "hällo");
      assert.equal(await fresh.file("w"), "");
      assert.equal(await fresh.file("/ro/x y%2F"), "odd");
      assert.equal((await fresh.metadata())["status"], "Idle");
      await server.restart();
      assert.equal((await fresh.metadata())["status"], "Idle");
      const { body } = await fresh.send("GET", "/files/ro");
      const [node] = (body as { readonly nodes: readonly JsonObject[] }).nodes;
      assert.deepEqual(Object.keys(node ?? {}).toSorted(), ["kind", "lastModified", "name", "permissions", "size"]);
      assert.ok(Math.abs(Number(node?.["lastModified"]) - Date.now() / 1000) < 600);
    });

    test("are found by plain paths as well", async () => {
      for (const path of ["/files/", "/files/%2F"]) {
        assert.equal((await worker("plain").send("GET", path)).status, 200, path);
      }
      assert.equal((await worker("plain").send("GET", "/files/ro/")).status, 200);
      assert.equal(
        await client.bytes(`${worker("plain").path}/file-contents/ro/a.txt`).then(String),
        String(new TextEncoder().encode("hällo")),
      );
    });

    test("errors: nothing there, the wrong kind, no path, no component", async () => {
      const asked = worker("asked");
      const status = async (suffix: string): Promise<number> => (await asked.send("GET", suffix)).status;
      assert.equal(await status("/files/none"), 404);
      assert.equal(await status("/files/w%2Fbelow"), 404);
      assert.equal(await status("/files/w"), 400);
      assert.equal(await status("/files/..%2F..%2Fetc"), 400);
      assert.equal(await asked.file("none"), 404);
      assert.equal(await asked.file("/ro"), 400);
      assert.equal(await asked.file("/"), 400);
      assert.equal(await asked.file(`/${"x".repeat(5000)}`), 404);
      assert.deepEqual((await asked.send("GET", "/files/none")).body, { error: "File not found: /none" });
      assert.equal(await client.worker(unknownId, "w").file("a"), 404);
    });

    test("are read while the worker is suspended, which it stays; not when it is interrupted or has failed", async () => {
      const suspended = worker("suspended");
      await suspended.enqueue(api("await"), [await suspended.invoke(api("create"))], "waits");
      const status = (expected: string): Promise<unknown> =>
        eventually(async () => (await suspended.metadata())["status"] === expected, `the worker is ${expected}`);
      await status("Suspended");
      assert.equal(await suspended.file("/ro/a.txt"), "hällo");
      await status("Suspended");
      await suspended.send("POST", "/interrupt");
      assert.equal(await suspended.file("/ro/a.txt"), 500);
      await status("Interrupted");
      await worker("failed").invokeRaw(api("overflow"));
      const { body } = await worker("failed").send("GET", "/files/ro");
      assert.equal((body as { readonly golemError: JsonObject }).golemError["type"], "PreviousInvocationFailed");
    });
  });

  describe("of guests", () => {
    test("read-only ones refuse every change, live and replayed; writable ones keep theirs", async () => {
      const id = await client.upload("refusing", guest, initialFiles({ "/ro/a": "given", "/rw/a*": "given" }));
      const worker = client.worker(id, "w");
      const expected = [
        ...[
          "open to write",
          "truncate",
          "create and truncate",
          "unlink",
          "rename",
          "replace",
          "rename directory",
          "link",
          "set times",
          "write through link",
        ].map((what) => `${what}: not-permitted`),
        "flags: read",
        "given",
      ];
      for (let round = 0; round < 2; round += 1) {
        assert.deepEqual(await worker.invoke("refusals"), expected);
        await server.restart();
      }
      assert.equal(await worker.invoke("append", ["/rw/a", "+"]), "given+");
      assert.equal(await worker.invoke("append", ["/own", "made"]), "made");
      await server.restart();
      assert.equal(await worker.invoke("append", ["/rw/a", "+"]), "given++");
      assert.deepEqual([await worker.file("/rw/a"), await worker.file("/own")], ["given++", "made"]);
      assert.equal(await client.worker(id, "other").file("/rw/a"), "given");
    });

    test("are read after the invocations that were accepted before", async () => {
      const worker = client.worker(await client.upload("ordered", guest), "w");
      for (let round = 1; round <= 3; round += 1) {
        await worker.enqueue("append", ["/file", "x"]);
        await worker.enqueue("append", ["/file", "y"]);
        assert.equal(await worker.file("/file"), "xy".repeat(round));
      }
    });

    test("of a version are its workers', old and updated", async () => {
      const id = await client.upload("updated", guest, initialFiles({ "/version": "0", "/kept*": "0", "/own*": "" }));
      const [old, moved] = [client.worker(id, "old"), client.worker(id, "moved")];
      for (const worker of [old, moved]) assert.equal(await worker.invoke("append", ["/own", "x"]), "x");
      const next = initialFiles({ "/version": "1", "/kept*": "1", "/own*": "", "/new/file": "1" });
      await client.post(`/v1/components/${id}/updates`, { component: guest, ...next });
      await client.worker(id, "updater").invoke("update", ["moved", 1]);
      await eventually(async () => (await moved.metadata())["componentVersion"] === 1, "the update");
      for (let round = 0; round < 2; round += 1) {
        assert.deepEqual([await old.file("/version"), await moved.file("/version")], ["0", "1"]);
        assert.deepEqual([await old.file("/new/file"), await moved.file("/new/file")], [404, "1"]);
        assert.deepEqual([await old.file("/own"), await moved.file("/own")], ["x", "x"]);
        await server.restart();
      }
    });
  });
});
