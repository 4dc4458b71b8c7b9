/** Plugins and where they are installed (spec/service.md §10.3). */
import type {
  NewPlugin,
  PluginDefinition,
  PluginInstallation,
  PluginInstallationCreation,
  PluginInstallationUpdate,
  PluginScope,
} from "@emet/contract";
import type { Clock } from "../platform/clock.ts";
import type { Entropy } from "../platform/entropy.ts";
import type { ComponentRecord, InstalledPlugin, PluginStore } from "../worker/stores.ts";
import { componentMetadataOf } from "./component-metadata.ts";
import type { ComponentService } from "./component-service.ts";
import { UploadError } from "./upload-error.ts";

export interface PluginServiceOptions {
  readonly store: PluginStore;
  readonly components: Pick<ComponentService, "get" | "latest" | "changePlugins">;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

const processorInterface = /^golem:api\/oplog-processor@1\.1\.\d+$/u;

/** The interface through which a component takes in oplogs, with its version; undefined when it doesn't. */
export function oplogProcessorOf(record: Pick<ComponentRecord, "metadata">): string | undefined {
  const { exports } = componentMetadataOf(record);
  return exports.find(({ type, name }) => type === "Instance" && processorInterface.test(name))?.name;
}

export class PluginService {
  readonly #options: PluginServiceOptions;

  constructor(options: PluginServiceOptions) {
    this.#options = options;
  }

  /** Throws `UploadError` for a plugin that can't be installed, or when there is one of this name and version. */
  async register(plugin: NewPlugin): Promise<void> {
    await this.#check(plugin);
    await this.#add({ ...plugin, owner: {} });
  }

  async #add(definition: PluginDefinition): Promise<void> {
    const { store, clock } = this.#options;
    const { name, version } = definition;
    const record = { name, version, createdAtMs: clock.now(), definition: JSON.stringify(definition) };
    if (await store.add(record)) return;
    throw new UploadError("conflict", `Plugin already exists: ${name} version ${version}`);
  }

  async #check({ specs, scope }: NewPlugin): Promise<void> {
    const { components } = this.#options;
    if (scope.type === "Component" && (await components.latest(scope.componentId)) === undefined) {
      throw new UploadError("invalid", `scope: there is no component ${scope.componentId}`);
    }
    if (specs.type !== "OplogProcessor") return;
    const { componentId, componentVersion } = specs;
    const processor = await components.get(componentId, componentVersion);
    if (processor === undefined) {
      throw new UploadError("invalid", `specs: there is no version ${componentVersion} of component ${componentId}`);
    }
    if (oplogProcessorOf(processor) !== undefined) return;
    throw new UploadError("invalid", `specs: component ${componentId} doesn't export golem:api/oplog-processor@1.1.x`);
  }

  /** Those that can be installed: in every component, or in that of the scope. All without one. */
  async list(scope: PluginScope | undefined): Promise<readonly PluginDefinition[]> {
    const definitions = (await this.#options.store.all()).map(definitionOf);
    return scope === undefined ? definitions : definitions.filter((definition) => isWithin(scope, definition.scope));
  }

  async versions(name: string): Promise<readonly PluginDefinition[]> {
    return (await this.list(undefined)).filter((definition) => definition.name === name);
  }

  /** Throws `UploadError` when there is none. */
  async get(name: string, version: string): Promise<PluginDefinition> {
    const record = await this.#options.store.get(name, version);
    if (record === undefined) throw pluginNotFound(name, version);
    return definitionOf(record);
  }

  /** Where it is installed it stays. Throws `UploadError` when there is none. */
  async remove(name: string, version: string): Promise<void> {
    if (!(await this.#options.store.remove(name, version))) throw pluginNotFound(name, version);
  }

  /** Makes a version of the component that has the plugin. Throws `UploadError`. */
  async install(componentId: string, creation: PluginInstallationCreation): Promise<PluginInstallation> {
    const { components, entropy } = this.#options;
    if ((await components.latest(componentId)) === undefined) throw componentNotFound(componentId);
    const { name, version, priority, parameters } = creation;
    const { specs, scope } = await this.get(name, version);
    if (!isWithin({ type: "Component", componentId }, scope)) {
      throw new UploadError("invalid", `Plugin ${name} version ${version} can be installed in another component only`);
    }
    const installation = { id: entropy.uuid(), name, version, priority, parameters };
    await components.changePlugins(componentId, (installed) => [...installed, { ...installation, specs }]);
    return installation;
  }

  /** Makes a version of the component with other settings. Throws `UploadError`. */
  async update(componentId: string, id: string, { priority, parameters }: PluginInstallationUpdate): Promise<void> {
    await this.#options.components.changePlugins(componentId, (installed) => {
      const known = installationIn(installed, id);
      return installed.map((item) => (item === known ? { ...item, priority, parameters } : item));
    });
  }

  /** Makes a version of the component without the plugin. Throws `UploadError`. */
  async uninstall(componentId: string, id: string): Promise<void> {
    await this.#options.components.changePlugins(componentId, (installed) => {
      const known = installationIn(installed, id);
      return installed.filter((item) => item !== known);
    });
  }
}

function definitionOf({ definition }: { readonly definition: string }): PluginDefinition {
  return JSON.parse(definition) as PluginDefinition;
}

function isWithin(wanted: PluginScope, scope: PluginScope): boolean {
  if (scope.type === "Global") return true;
  return wanted.type === "Component" && wanted.componentId.toLowerCase() === scope.componentId.toLowerCase();
}

function installationIn(installed: readonly InstalledPlugin[], id: string): InstalledPlugin {
  const known = installed.find((item) => item.id === id);
  if (known === undefined) throw new UploadError("not-found", `Plugin installation not found: ${id}`);
  return known;
}

function pluginNotFound(name: string, version: string): UploadError {
  return new UploadError("not-found", `Plugin not found: ${name} version ${version}`);
}

function componentNotFound(componentId: string): UploadError {
  return new UploadError("not-found", `Component not found: ${componentId}`);
}
