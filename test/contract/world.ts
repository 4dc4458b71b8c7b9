/** What the rows of the contract are about: components, workers and plugins of one server, and their ids by name. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { zipArchive } from "../../packages/server/src/component/zip-for-tests.ts";
import { Client } from "../support/client.ts";
import type { JsonObject } from "../support/client.ts";
import { moduleGuest } from "../support/guests.ts";
import { jsGuest } from "../support/js-guest.ts";
import { TestServer } from "../support/server.ts";
import type { Case, Value } from "./cases.ts";
import type { RawReply } from "./document.ts";
import type { MadeRequest } from "./requests.ts";

export const api = (name: string): string => `test:probe/api.{${name}}`;

const farAway = "2999-01-01T00:00:00Z";

/** Half of a surrogate pair has no form in an address or a form. */
function wellFormed<T extends { readonly [name: string]: unknown }>(members: T): T {
  const entries = Object.entries(members).map(([name, value]) => [
    name,
    typeof value === "string" ? value.toWellFormed() : value,
  ]);
  return Object.fromEntries(entries) as T;
}

/** JSON text with the world's values in it. */
function filledText(world: World, text: string): string {
  return text
    .replaceAll(/"\$([a-z-]+)"/gu, (whole, name: string) =>
      world.values.has(name) ? JSON.stringify(world.values.get(name)) : whole,
    )
    .replaceAll(/\$\{([a-z-]+)\}/gu, (whole, name: string) =>
      world.values.has(name) ? String(world.values.get(name)) : whole,
    );
}

export class World implements AsyncDisposable {
  readonly server: TestServer;
  readonly client: Client;
  /** What `$name` stands for in a row. */
  readonly values = new Map<string, Value>();
  readonly #transformer = createServer((request, response) => {
    request.resume().on("end", () => response.end(this.values.get("binary")));
  });
  #workers = 0;

  private constructor(server: TestServer) {
    this.server = server;
    this.client = new Client(() => server.url);
  }

  static async make(): Promise<World> {
    const world = new World(await TestServer.start());
    try {
      await world.#make();
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
    return world;
  }

  async #make(): Promise<void> {
    const { client, values } = this;
    const [probe, echo, counters] = await Promise.all(["probe", "echo", "counters"].map(moduleGuest));
    const handler = await jsGuest("http-handler");
    values.set("unknown", "00000000-0000-4000-8000-000000000000");
    values.set("binary", probe ?? "");
    values.set("archive", zipArchive([{ name: "data/a.txt", content: "first" }]));
    const permissions = { values: [{ path: "/data/a.txt", permissions: "read-write" }] };
    const files = { files: this.value("archive"), filesPermissions: JSON.stringify(permissions) };
    const component = await client.upload("probe", this.value("binary") as Uint8Array, files);
    values.set("component", component);
    values.set("echo", await client.upload("echo", echo ?? new Uint8Array()));
    values.set("counters", await client.upload("counters", counters ?? new Uint8Array()));
    values.set("handler", await client.upload("handler", handler));
    const ephemeral = { componentType: "Ephemeral" };
    values.set("ephemeral", await client.upload("ephemeral", this.value("binary") as Uint8Array, ephemeral));
    values.set("removable", await client.upload("removable", this.value("binary") as Uint8Array));
    this.#transformer.listen(0, "127.0.0.1");
    await once(this.#transformer, "listening");
    values.set("transformer", `http://127.0.0.1:${(this.#transformer.address() as AddressInfo).port}/`);
    const counting = client.worker(String(values.get("counters")), "counting");
    await counting.invoke("test:counters/api.{counter(1).value}");
    await this.#makeWorkers(component);
    await this.#makePlugin(component);
    const route = await client.ok("POST", "/v1/api/routes", { path: "/known", component: "handler" });
    values.set("route", String((route as JsonObject)["id"]));
    const versions = (await client.ok("GET", `/v1/components/${component}`)) as readonly {
      readonly files: readonly { readonly key: string }[];
    }[];
    values.set("latest", versions.length - 1);
    values.set("file", versions[0]?.files[0]?.key ?? "");
  }

  async #makeWorkers(component: string): Promise<void> {
    const { client, values } = this;
    await client.worker(component, "known").invoke(api("bump"));
    await client.worker(component, "finished").invoke(api("bump"), [], "finished-key");
    const promises = client.worker(component, "promising");
    const made = (await promises.invoke(api("create"))) as JsonObject;
    values.set("promise", Number(made["oplog-idx"]));
    await client.worker(component, "exiting").invokeRaw(api("exit"), [{ ok: null }]);
    await client.worker(component, "failing").invokeRaw(api("fail"), ["it fails"]);
    const waiting = client.worker(component, "waiting");
    const promise = (await waiting.invoke(api("create"))) as JsonObject;
    values.set("awaited", Number(promise["oplog-idx"]));
    await waiting.enqueue(api("await"), [promise], "running-key");
    for (const key of ["pending-key", "other-pending-key"]) await waiting.enqueue(api("bump"), [], key);
    const scheduled = client.worker(component, "known");
    const path = `/schedules?function=${encodeURIComponent(api("bump"))}`;
    const { body } = await scheduled.send("POST", path, { at: farAway, params: [] });
    values.set("schedule", String((body as JsonObject)["id"]));
  }

  async #makePlugin(component: string): Promise<void> {
    const { client, values } = this;
    for (const [name, transformUrl] of [
      ["known-plugin", values.get("transformer")],
      ["failing-plugin", "http://127.0.0.1:9/"],
      ["removable-plugin", values.get("transformer")],
    ]) {
      const specs = { type: "ComponentTransformer", validateUrl: "http://127.0.0.1:9/", transformUrl };
      const texts = { description: "", homepage: "", icon: [] };
      await client.ok("POST", "/v1/plugins", { name, version: "1", ...texts, specs, scope: { type: "Global" } });
    }
    const installs = `/v1/components/${component}/latest/plugins/installs`;
    for (const name of ["installation", "removable-installation"]) {
      const creation = { name: "known-plugin", version: "1", priority: 0, parameters: {} };
      values.set(name, String(((await client.ok("POST", installs, creation)) as JsonObject)["id"]));
    }
    await client.worker(component, "plugged").invoke(api("bump"));
  }

  value(name: string): Exclude<Value, number> {
    const value = this.values.get(name);
    if (value === undefined || typeof value === "number") throw new Error(`"${name}" has no value that fits`);
    return value;
  }

  /** A row's value with the world's in place of `$name`. */
  filled(value: unknown): unknown {
    if (typeof value === "string") {
      const whole = /^\$([\w-]+)$/u.exec(value)?.[1];
      if (whole !== undefined) return this.values.get(whole) ?? value;
      return value.replaceAll(/\$\{([\w-]+)\}/gu, (_match, name: string) => String(this.values.get(name)));
    }
    if (Array.isArray(value)) return value.map((item) => this.filled(item));
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.filled(item)]));
  }

  /** Sends what a row says to the operation `method path`. */
  async send(operation: string, row: Case): Promise<RawReply> {
    const [method = "", template = ""] = operation.split(" ");
    const worker = row.calls === undefined ? "known" : await this.#newWorker(row.calls);
    const segments = { component_id: "$component", worker_name: worker, version: 0, ...row.path };
    const path = template.replaceAll(/\{(\w+)\}/gu, (_match, name: string) =>
      encodeURIComponent(String(this.filled((segments as JsonObject)[name]))),
    );
    const query = new URLSearchParams(this.filled(row.query ?? {}) as { [name: string]: string });
    const { body, headers } = this.#bodyOf(row);
    const response = await fetch(`${this.server.url}${path}?${query.toString()}`, {
      method: method.toUpperCase(),
      headers: { ...headers, ...row.headers },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(60_000),
    });
    return { status: response.status, contentType: response.headers.get("content-type"), text: await response.text() };
  }

  /** Sends a request that was made from the document. */
  async sendMade(made: MadeRequest): Promise<RawReply> {
    const { operation, path, query, headers, body } = made;
    const form = typeof body === "object" && !(body instanceof Uint8Array) ? { form: wellFormed(body) } : {};
    const text = typeof body === "string" && !body.startsWith("$") ? { text: filledText(this, body) } : {};
    const bytes = body === "$binary" ? { bytes: body } : {};
    const raw = body instanceof Uint8Array ? { raw: body } : {};
    // What makes the component unusable for others is done to one that is there for that.
    const spared = operation === "delete /v1/components/{component_id}" ? { component_id: "$removable" } : {};
    return await this.send(operation, {
      it: operation,
      path: wellFormed({ ...path, ...(path["component_id"] === "$component" ? spared : {}) }),
      query: wellFormed(Object.fromEntries(query)),
      headers,
      ...form,
      ...text,
      ...bytes,
      ...raw,
    });
  }

  /** Uploads the component that may be deleted anew if it was. */
  async restoreComponent(): Promise<void> {
    const { status } = await this.client.send("GET", `/v1/components/${String(this.value("removable"))}/latest`);
    if (status === 200) return;
    const name = `removable-${++this.#workers}`;
    this.values.set("removable", await this.client.upload(name, this.value("binary") as Uint8Array));
  }

  #bodyOf(row: Case): { readonly body?: RequestInit["body"]; readonly headers?: { [name: string]: string } } {
    if (row.json !== undefined) {
      return { body: JSON.stringify(this.filled(row.json)), headers: { "content-type": "application/json" } };
    }
    if (row.lines !== undefined) {
      const body = row.lines.map((line) => JSON.stringify(this.filled(line))).join("\n");
      return { body, headers: { "content-type": "application/x-ndjson" } };
    }
    if (row.text !== undefined) return { body: row.text, headers: { "content-type": "application/json" } };
    if (row.bytes !== undefined) {
      const bytes = new TextEncoder().encode(row.bytes);
      const value = row.bytes.startsWith("$") ? (this.value(row.bytes.slice(1)) as Uint8Array) : bytes;
      return { body: Uint8Array.from(value), headers: { "content-type": "application/octet-stream" } };
    }
    if (row.raw !== undefined) {
      return { body: Uint8Array.from(row.raw), headers: { "content-type": "application/octet-stream" } };
    }
    if (row.form === undefined) return {};
    const form = new FormData();
    for (const [name, value] of Object.entries(this.filled(row.form) as { readonly [name: string]: unknown })) {
      if (value instanceof Uint8Array) form.set(name, new Blob([Uint8Array.from(value)]), name);
      else form.set(name, String(value));
    }
    return { body: form };
  }

  /** A worker that nobody else uses, after some calls. */
  async #newWorker(calls: number): Promise<string> {
    const name = `worker-${++this.#workers}`;
    const worker = this.client.worker(String(this.value("component")), name);
    for (let call = 0; call < calls; call++) await worker.invoke(api("bump"));
    return name;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#transformer.closeAllConnections();
    this.#transformer.close();
    await this.server[Symbol.asyncDispose]();
  }
}
