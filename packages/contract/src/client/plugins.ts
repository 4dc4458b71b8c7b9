import { path } from "./transport.ts";
import type { Transport } from "./transport.ts";

/** Where a plugin may be installed. */
export type PluginScope = { readonly type: "Global" } | { readonly type: "Component"; readonly componentId: string };

/** What a plugin does. */
export type PluginSpec =
  | {
      readonly type: "ComponentTransformer";
      readonly providedWitPackage?: string | null;
      readonly jsonSchema?: string | null;
      readonly validateUrl: string;
      readonly transformUrl: string;
    }
  | { readonly type: "OplogProcessor"; readonly componentId: string; readonly componentVersion: number };

/** A plugin to be registered (spec/service.md §10.3). */
export interface NewPlugin {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly icon: readonly number[];
  readonly homepage: string;
  readonly specs: PluginSpec;
  readonly scope: PluginScope;
}

export type Plugin = NewPlugin & { readonly owner: object };

/** Which plugins are asked for; all if nothing is given. */
export type PluginScopeQuery = { readonly global: true } | { readonly componentId: string } | undefined;

export interface NewPluginInstallation {
  readonly name: string;
  readonly version: string;
  readonly priority: number;
  readonly parameters: { readonly [name: string]: string };
}

export type PluginInstallation = NewPluginInstallation & { readonly id: string };

/** The registry of plugins, and their installations in components. */
export class PluginsApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async list(scope?: PluginScopeQuery): Promise<readonly Plugin[]> {
    const text = scope === undefined ? undefined : "global" in scope ? "global" : `component:${scope.componentId}`;
    return await this.#transport.json({ method: "GET", path: "/v1/plugins", query: { scope: text } });
  }

  /** Every version of a plugin. */
  async versions(name: string): Promise<readonly Plugin[]> {
    return await this.#transport.json({ method: "GET", path: path`/v1/plugins/${name}` });
  }

  async get(name: string, version: string): Promise<Plugin> {
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
  async install(componentId: string, plugin: NewPluginInstallation): Promise<PluginInstallation> {
    const installs = path`/v1/components/${componentId}/latest/plugins/installs`;
    return await this.#transport.json({ method: "POST", path: installs, json: plugin });
  }

  async updateInstallation(
    componentId: string,
    installationId: string,
    change: Pick<NewPluginInstallation, "priority" | "parameters">,
  ): Promise<void> {
    const install = path`/v1/components/${componentId}/versions/latest/plugins/installs/${installationId}`;
    await this.#transport.json({ method: "PUT", path: install, json: change });
  }

  async uninstall(componentId: string, installationId: string): Promise<void> {
    const install = path`/v1/components/${componentId}/latest/plugins/installs/${installationId}`;
    await this.#transport.json({ method: "DELETE", path: install });
  }
}
