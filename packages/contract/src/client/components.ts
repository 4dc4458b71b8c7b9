import type { ComponentJson } from "../rest/component.ts";
import { path } from "./transport.ts";
import type { Transport } from "./transport.ts";
import { uploadBody } from "./upload.ts";
import type { ComponentUpload } from "./upload.ts";

/** Components and their versions. */
export class ComponentsApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The latest version of every component; with a name, every version of the component of this name. */
  async list(name?: string): Promise<readonly ComponentJson[]> {
    return await this.#transport.json({ method: "GET", path: "/v1/components", query: { "component-name": name } });
  }

  async versions(componentId: string): Promise<readonly ComponentJson[]> {
    return await this.#transport.json({ method: "GET", path: path`/v1/components/${componentId}` });
  }

  /** The latest version if none is given. */
  async get(componentId: string, version?: number): Promise<ComponentJson> {
    const which = version === undefined ? "latest" : path`versions/${version}`;
    return await this.#transport.json({ method: "GET", path: `${path`/v1/components/${componentId}`}/${which}` });
  }

  async create(name: string, upload: ComponentUpload): Promise<ComponentJson> {
    const body = uploadBody(upload, name);
    return await this.#transport.json({ method: "POST", path: "/v1/components", body, signal: upload.signal });
  }

  /** Uploads a new version; type and files stay as they were where none are given. */
  async update(componentId: string, upload: ComponentUpload): Promise<ComponentJson> {
    const updates = path`/v1/components/${componentId}/updates`;
    return await this.#transport.json({
      method: "POST",
      path: updates,
      body: uploadBody(upload),
      signal: upload.signal,
    });
  }

  /** The binary as it was uploaded, of the latest version if none is given. */
  async download(componentId: string, version?: number): Promise<Uint8Array> {
    const download = path`/v1/components/${componentId}/download`;
    return await this.#transport.bytes({ method: "GET", path: download, query: { version } });
  }

  /** What an initial file of a version holds. */
  async fileContents(componentId: string, version: number, key: string): Promise<Uint8Array> {
    const contents = path`/v1/components/${componentId}/versions/${version}/file-contents/${key}`;
    return await this.#transport.bytes({ method: "GET", path: contents });
  }

  /** Removes a component with all of its versions; refused while it has workers, unless they are to be deleted too. */
  async delete(componentId: string, options: { readonly deleteWorkers?: boolean | undefined } = {}): Promise<void> {
    const query = options.deleteWorkers === true ? { "delete-workers": true } : {};
    await this.#transport.json({ method: "DELETE", path: path`/v1/components/${componentId}`, query });
  }

  /** Removes one version; refused for the latest one, and while a worker or a plugin may need it. */
  async deleteVersion(componentId: string, version: number): Promise<void> {
    await this.#transport.json({ method: "DELETE", path: path`/v1/components/${componentId}/versions/${version}` });
  }
}
