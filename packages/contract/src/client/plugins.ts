import type {
  NewPlugin,
  PluginDefinition,
  PluginInstallation,
  PluginInstallationCreation,
  PluginInstallationUpdate,
} from "../rest/plugin.ts";
import { path } from "./transport.ts";
import type { Transport } from "./transport.ts";

/** Which plugins are asked for; all if nothing is given. */
export type PluginScopeQuery = { readonly global: true } | { readonly componentId: string } | undefined;

/** The registry of plugins, and their installations in components. */
export class PluginsApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async list(scope?: PluginScopeQuery): Promise<readonly PluginDefinition[]> {
    const text = scope === undefined ? undefined : "global" in scope ? "global" : `component:${scope.componentId}`;
    return await this.#transport.json({ method: "GET", path: "/v1/plugins", query: { scope: text } });
  }

  /** Every version of a plugin. */
  async versions(name: string): Promise<readonly PluginDefinition[]> {
    return await this.#transport.json({ method: "GET", path: path`/v1/plugins/${name}` });
  }

  async get(name: string, version: string): Promise<PluginDefinition> {
    return await this.#transport.json({ method: "GET", path: path`/v1/plugins/${name}/${version}` });
  }

  async register(plugin: NewPlugin): Promise<void> {
    await this.#transport.json({ method: "POST", path: "/v1/plugins", json: plugin });
  }

  async unregister(name: string, version: string): Promise<void> {
    await this.#transport.json({ method: "DELETE", path: path`/v1/plugins/${name}/${version}` });
  }

  async installations(componentId: string, version: number): Promise<readonly PluginInstallation[]> {
    const installs = path`/v1/components/${componentId}/versions/${version}/plugins/installs`;
    return await this.#transport.json({ method: "GET", path: installs });
  }

  /** Makes a new version of the component that has the plugin. */
  async install(componentId: string, plugin: PluginInstallationCreation): Promise<PluginInstallation> {
    const installs = path`/v1/components/${componentId}/latest/plugins/installs`;
    return await this.#transport.json({ method: "POST", path: installs, json: plugin });
  }

  async updateInstallation(
    componentId: string,
    installationId: string,
    change: PluginInstallationUpdate,
  ): Promise<void> {
    const install = path`/v1/components/${componentId}/versions/latest/plugins/installs/${installationId}`;
    await this.#transport.json({ method: "PUT", path: install, json: change });
  }

  async uninstall(componentId: string, installationId: string): Promise<void> {
    const install = path`/v1/components/${componentId}/latest/plugins/installs/${installationId}`;
    await this.#transport.json({ method: "DELETE", path: install });
  }
}
