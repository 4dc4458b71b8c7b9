/** The plugin of `test/guests/js/processor.js`, and what it was given. */
import assert from "node:assert/strict";
import type { Client, JsonObject } from "./client.ts";
import { jsGuest } from "./js-guest.ts";

/** How many workers an installation has for its processor. */
const processorCount = 4;

/** One call of the processor. */
export interface SeenPart {
  readonly config: string;
  readonly worker: string;
  readonly firstIndex: number;
  readonly tags: readonly string[];
}

export class ProcessorPlugin {
  readonly #client: Client;
  /** Of the processor. */
  readonly componentId: string;
  readonly name: string;

  private constructor(client: Client, componentId: string, name: string) {
    this.#client = client;
    this.componentId = componentId;
    this.name = name;
  }

  static async register(client: Client, name: string): Promise<ProcessorPlugin> {
    const componentId = await client.upload(`processor of ${name}`, await jsGuest("processor"));
    await client.ok("POST", "/v1/plugins", {
      name,
      version: "v1",
      description: "Remembers",
      icon: [],
      homepage: "",
      specs: { type: "OplogProcessor", componentId, componentVersion: 0 },
      scope: { type: "Global" },
    });
    return new ProcessorPlugin(client, componentId, name);
  }

  /** Returns the id of the installation. */
  async install(componentId: string, parameters: { readonly [key: string]: string } = {}): Promise<string> {
    const creation = { name: this.name, version: "v1", priority: 0, parameters };
    const path = `/v1/components/${componentId}/latest/plugins/installs`;
    return String(((await this.#client.ok("POST", path, creation)) as JsonObject)["id"]);
  }

  /** What its workers for an installation answer. */
  async ask(installation: string, functionName: string, params: readonly unknown[] = []): Promise<readonly unknown[]> {
    const workers = Array.from({ length: processorCount }, (_, number) =>
      this.#client.worker(this.componentId, `${installation}-${number}`),
    );
    return await Promise.all(workers.map((worker) => worker.invoke(functionName, params)));
  }

  /** Everything that was given for an installation; that of one worker is in order. */
  async seen(installation: string): Promise<readonly SeenPart[]> {
    const texts = ((await this.ask(installation, "seen")) as string[][]).flat();
    return texts.map((text) => {
      const [config = "", worker = "", firstIndex, tags = ""] = text.split(" ");
      return { config, worker, firstIndex: Number(firstIndex), tags: tags.split(",") };
    });
  }

  /** The tags of a worker's entries; fails if any index is missing or there twice. */
  async tagsOf(installation: string, worker: string): Promise<readonly string[]> {
    const parts = (await this.seen(installation)).filter((part) => part.worker === worker);
    const tags: string[] = [];
    for (const part of parts) {
      assert.equal(part.firstIndex, tags.length + 1, `the entries of ${worker} come without gaps, once each`);
      tags.push(...part.tags);
    }
    return tags;
  }
}
