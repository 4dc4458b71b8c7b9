/** Plugins: their registration, their installation, and component transformers (spec/service.md §2.1, §10.3). */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { parse } from "@bytecodealliance/jco";
import { Client } from "../support/client.ts";
import type { JsonObject } from "../support/client.ts";
import { TestServer } from "../support/server.ts";

const unknownId = "00000000-0000-4000-8000-000000000000";

/** A component that answers `value`. */
function answering(value: number): Promise<Uint8Array> {
  return parse(`(component
    (core module $main (func (export "answer") (result i32) (i32.const ${value})))
    (core instance $main (instantiate $main))
    (func (export "answer") (result u32) (canon lift (core func $main "answer"))))`);
}

interface Transformation {
  readonly path: string;
  readonly component: Uint8Array;
  readonly metadata: JsonObject;
  readonly parameters: { readonly [name: string]: string };
}

/** A transformer: notes what it is asked and answers as it is told. */
class Transformer implements AsyncDisposable {
  readonly asked: Transformation[] = [];
  answer: (asked: Transformation) => Uint8Array | number = ({ component }) => component;
  readonly #server = createServer((incoming, outgoing) => {
    const body = ReadableStream.from(incoming) as unknown as ReadableStream<Uint8Array>;
    const headers = { "content-type": incoming.headers["content-type"] ?? "" };
    const request = new Request("http://localhost", { method: "POST", body, headers, duplex: "half" });
    void this.#answer(incoming.url ?? "", request).then((answer) => {
      if (typeof answer === "number") outgoing.writeHead(answer).end();
      else outgoing.end(answer);
    });
  });

  async #answer(path: string, request: Request): Promise<Uint8Array | number> {
    const { component, metadata, ...parameters } = Object.fromEntries(await request.formData());
    assert.ok(component instanceof File && typeof metadata === "string");
    const asked = {
      path,
      component: new Uint8Array(await component.arrayBuffer()),
      metadata: JSON.parse(metadata) as JsonObject,
      parameters: parameters as { readonly [name: string]: string },
    };
    this.asked.push(asked);
    return this.answer(asked);
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

describe("plugins", () => {
  let server: TestServer;
  let client: Client;
  let one: Uint8Array;
  let two: Uint8Array;
  let three: Uint8Array;

  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    [one, two, three] = await Promise.all([answering(1), answering(2), answering(3)]);
  });
  after(() => server[Symbol.asyncDispose]());

  function definition(name: string, transformUrl = "http://127.0.0.1:9/", version = "v1"): JsonObject {
    return {
      name,
      version,
      description: "A plugin",
      icon: [1, 2, 255],
      homepage: "https://example.org",
      specs: { type: "ComponentTransformer", validateUrl: "http://127.0.0.1:9/validate", transformUrl },
      scope: { type: "Global" },
    };
  }

  const installs = (id: string): string => `/v1/components/${id}/latest/plugins/installs`;

  async function install(id: string, name: string, settings: JsonObject = {}): Promise<string> {
    const creation = { name, version: "v1", priority: 0, parameters: {}, ...settings };
    const installation = (await client.ok("POST", installs(id), creation)) as JsonObject;
    assert.deepEqual({ id: installation["id"], ...creation }, installation);
    return String(installation["id"]);
  }

  async function latest(id: string): Promise<{ readonly version: number; readonly plugins: readonly JsonObject[] }> {
    const component = (await client.ok("GET", `/v1/components/${id}/latest`)) as {
      readonly versionedComponentId: { readonly version: number };
      readonly installedPlugins: readonly JsonObject[];
    };
    return { version: component.versionedComponentId.version, plugins: component.installedPlugins };
  }

  test("a plugin is registered once for a name and version, listed by scope, and removed", async () => {
    const id = await client.upload("scopes", one);
    const global = definition("listed");
    const scoped = { ...definition("listed", undefined, "v2"), scope: { type: "Component", componentId: id } };
    assert.deepEqual(await client.ok("POST", "/v1/plugins", global), {});
    assert.deepEqual(await client.ok("POST", "/v1/plugins", scoped), {});
    const shown = (plugin: JsonObject): JsonObject => {
      const specs = { providedWitPackage: null, jsonSchema: null, ...(plugin["specs"] as JsonObject) };
      return { ...plugin, specs, owner: {} };
    };
    assert.equal((await client.send("POST", "/v1/plugins", global)).status, 409);
    assert.deepEqual(await client.ok("GET", "/v1/plugins"), [shown(global), shown(scoped)]);
    assert.deepEqual(await client.ok("GET", "/v1/plugins?scope=global"), [shown(global)]);
    assert.deepEqual(await client.ok("GET", `/v1/plugins?scope=component:${unknownId}`), [shown(global)]);
    assert.deepEqual(await client.ok("GET", `/v1/plugins?scope=component:${id}`), [shown(global), shown(scoped)]);
    assert.deepEqual(await client.ok("GET", "/v1/plugins/listed"), [shown(global), shown(scoped)]);
    await server.restart();
    assert.deepEqual(await client.ok("GET", "/v1/plugins/listed/v2"), shown(scoped));
    assert.deepEqual(await client.ok("DELETE", "/v1/plugins/listed/v2"), {});
    assert.equal((await client.send("DELETE", "/v1/plugins/listed/v2")).status, 404);
    assert.equal((await client.send("GET", "/v1/plugins/listed/v2")).status, 404);
    assert.deepEqual(await client.ok("GET", "/v1/plugins/none"), []);
  });

  test("what makes no sense is refused", async () => {
    const id = await client.upload("refusals", one);
    const other = await client.upload("refusals elsewhere", one);
    const refused = async (plugin: JsonObject): Promise<void> => {
      const reply = await client.send("POST", "/v1/plugins", plugin);
      assert.deepEqual([reply.status, Object.keys(reply.body as JsonObject)], [400, ["errors"]]);
    };
    const { name: _name, ...nameless } = definition("x");
    await refused(nameless);
    await refused(definition(""));
    await refused(definition("x", "ftp://example.org"));
    await refused({ ...definition("x"), icon: [256] });
    await refused({ ...definition("x"), scope: { type: "Component", componentId: unknownId } });
    const processor = { type: "OplogProcessor", componentId: id, componentVersion: 0 };
    await refused({ ...definition("x"), specs: processor });
    await refused({ ...definition("x"), specs: { ...processor, componentVersion: 7 } });
    await client.ok("POST", "/v1/plugins", {
      ...definition("elsewhere"),
      scope: { type: "Component", componentId: other },
    });
    const status = async (method: string, path: string, json?: JsonObject): Promise<number> =>
      (await client.send(method, path, json)).status;
    const settings = { priority: 0, parameters: {} };
    assert.equal(await status("GET", "/v1/plugins?scope=nowhere"), 400);
    assert.equal(await status("POST", installs(id), { name: "elsewhere", version: "v1", ...settings }), 400);
    assert.equal(await status("POST", installs(id), { name: "unknown", version: "v1", ...settings }), 404);
    assert.equal(await status("POST", installs(unknownId), { name: "elsewhere", version: "v1", ...settings }), 404);
    assert.equal(await status("POST", installs(id), { name: "elsewhere", version: "v1" }), 400);
    assert.equal(await status("DELETE", `${installs(id)}/${unknownId}`), 404);
    assert.equal(await status("DELETE", `${installs(unknownId)}/${unknownId}`), 404);
    const update = `/v1/components/${id}/versions/latest/plugins/installs/${unknownId}`;
    assert.equal(await status("PUT", update, settings), 404);
    assert.equal(await status("PUT", update, { priority: 0.5, parameters: {} }), 400);
    assert.equal(await status("GET", `/v1/components/${id}/versions/9/plugins/installs`), 404);
    assert.equal((await latest(id)).version, 0);
  });

  test("installing, updating and removing make a version each, and start from what was uploaded", async () => {
    await using transformer = new Transformer();
    await transformer.listen();
    transformer.answer = ({ parameters }) => (parameters["to"] === "three" ? three : two);
    await client.ok("POST", "/v1/plugins", definition("to two", transformer.url));
    const id = await client.upload("versions", one);
    const answer = (worker: string): Promise<unknown> => client.worker(id, worker).invoke("answer");
    assert.equal(await answer("before"), 1);
    const installation = await install(id, "to two", { parameters: { key: "value" } });
    assert.equal(await answer("installed"), 2);
    assert.equal(await answer("before"), 1);
    const settings = { priority: 3, parameters: { to: "three" } };
    const update = `/v1/components/${id}/versions/latest/plugins/installs/${installation}`;
    assert.deepEqual(await client.ok("PUT", update, settings), {});
    assert.equal(await answer("updated"), 3);
    const shown = { id: installation, name: "to two", version: "v1", ...settings };
    assert.deepEqual(await latest(id), { version: 2, plugins: [shown] });
    await client.ok("DELETE", "/v1/plugins/to%20two/v1");
    const upload = await client.post(`/v1/components/${id}/updates`, { component: two });
    assert.deepEqual((upload.body as JsonObject)["installedPlugins"], [shown]);
    await server.restart();
    assert.equal(await answer("uploaded"), 3);
    assert.deepEqual(await client.bytes(`/v1/components/${id}/download?version=2`), one);
    assert.deepEqual(await client.bytes(`/v1/components/${id}/download`), two);
    assert.deepEqual(await client.ok("DELETE", `${installs(id)}/${installation}`), {});
    assert.deepEqual(await latest(id), { version: 4, plugins: [] });
    assert.equal(await answer("removed"), 2);
    assert.deepEqual(
      transformer.asked.map(({ component, parameters }) => [component, parameters]),
      [
        [one, { key: "value" }],
        [one, { to: "three" }],
        [two, { to: "three" }],
      ],
    );
    const { versionedComponentId, componentName } = transformer.asked[2]?.metadata ?? {};
    assert.deepEqual([versionedComponentId, componentName], [{ componentId: id, version: 3 }, "versions"]);
    const byVersion = [0, 1, 2, 3, 4].map((version) =>
      client.ok("GET", `/v1/components/${id}/versions/${version}/plugins/installs`),
    );
    const counts = (await Promise.all(byVersion)).map((list) => (list as readonly unknown[]).length);
    assert.deepEqual(counts, [0, 1, 1, 1, 0]);
  });

  test("transformers work one after the other, in ascending priority", async () => {
    await using transformer = new Transformer();
    await transformer.listen();
    transformer.answer = ({ path }) => (path === "/two" ? two : three);
    await client.ok("POST", "/v1/plugins", definition("order two", `${transformer.url}/two`));
    await client.ok("POST", "/v1/plugins", definition("order three", `${transformer.url}/three`));
    const id = await client.upload("order", one);
    await install(id, "order two", { priority: 7 });
    transformer.asked.length = 0;
    await install(id, "order three", { priority: -2 });
    assert.deepEqual(
      transformer.asked.map(({ path, component }) => [path, component]),
      [
        ["/three", one],
        ["/two", three],
      ],
    );
    assert.equal(await client.worker(id, "w").invoke("answer"), 2);
  });

  test("what a transformer fails at changes nothing", async () => {
    await using transformer = new Transformer();
    await transformer.listen();
    await client.ok("POST", "/v1/plugins", definition("failing", transformer.url));
    const id = await client.upload("failing", one);
    const creation = { name: "failing", version: "v1", priority: 0, parameters: {} };
    transformer.answer = () => 500;
    assert.deepEqual(await client.send("POST", installs(id), creation), {
      status: 500,
      body: { error: "Component transformation failed: HTTP status: 500" },
    });
    assert.equal(transformer.asked.length, 6);
    transformer.answer = () => new Uint8Array([1, 2, 3]);
    const invalid = await client.send("POST", installs(id), creation);
    assert.equal(invalid.status, 500);
    assert.match(JSON.stringify(invalid.body), /Component transformation failed: plugin failing: .*not valid/u);
    assert.deepEqual(await latest(id), { version: 0, plugins: [] });
    transformer.asked.length = 0;
    transformer.answer = () => (transformer.asked.length < 3 ? 503 : two);
    await install(id, "failing");
    assert.equal(await client.worker(id, "w").invoke("answer"), 2);
    transformer.answer = () => 400;
    const upload = await client.post(`/v1/components/${id}/updates`, { component: three });
    assert.deepEqual(upload.body, { error: "Component transformation failed: HTTP status: 400" });
    assert.equal((await latest(id)).version, 1);
  });
});
