/**
 * Deletion of components and of single versions of them. When a component has ended nobody can use it any more, and its name is free; what is left of
 * it, workers and files, is removed after that, and after a restart if the server ended meanwhile.
 */
import type { PluginDefinition } from "@emet/contract";
import type { ComponentService } from "../component/component-service.ts";
import type { PluginService } from "../component/plugin-service.ts";
import { decodeDetail } from "../durability/row.ts";
import type { ComponentVersion, EndResult } from "../worker/stores.ts";
import type { WorkerIndex } from "../worker/worker-index.ts";
import type { WorkerService } from "./worker-service.ts";

export interface ComponentRemovalOptions {
  readonly components: Pick<
    ComponentService,
    "end" | "ended" | "removeFiles" | "get" | "latest" | "list" | "removeVersion" | "removedVersions" | "removeBinaries"
  >;
  readonly plugins: Pick<PluginService, "list">;
  readonly workers: Pick<WorkerService, "deleteIfThere">;
  readonly index: Pick<WorkerIndex, "list">;
}

/** Workers deleted at a time. */
const pageCount = 200;

/** Workers looked at at a time. */
const searchCount = 1000;

export type VersionRemoval =
  | { readonly kind: "removed" | "unknown" }
  | { readonly kind: "in-use"; readonly use: string };

export class ComponentRemoval {
  readonly #options: ComponentRemovalOptions;

  constructor(options: ComponentRemovalOptions) {
    this.#options = options;
  }

  /** Resolves when nothing is left of it. With workers it is `in-use`, unless they are to be deleted, too. */
  async remove(componentId: string, withWorkers: boolean): Promise<EndResult> {
    const result = await this.#options.components.end(componentId, withWorkers);
    if (result === "ended") await this.#clean(componentId);
    return result;
  }

  /** Goes on with removals that the end of the server cut off. */
  async resume(): Promise<void> {
    const { components } = this.#options;
    for (const componentId of await components.ended()) await this.#clean(componentId);
    for (const version of await components.removedVersions()) await components.removeBinaries(version);
  }

  /**
   * Resolves when nothing is left of the version, or tells what it is needed for. Who has it now is looked up in the same
   * transaction; who had it, among the records of all workers, is a longer search before that.
   */
  async removeVersion(version: ComponentVersion): Promise<VersionRemoval> {
    const { components } = this.#options;
    if ((await components.get(version.componentId, version.version)) === undefined) return { kind: "unknown" };
    const latest = (await components.latest(version.componentId))?.version;
    if (latest === version.version) return { kind: "in-use", use: "it is the latest version" };
    const use = (await this.#pluginWith(version)) ?? (await this.#workerWith(version));
    if (use !== undefined) return { kind: "in-use", use };
    const result = await components.removeVersion(version);
    if (result === "latest" || result === "in-use") return { kind: "in-use", use: "a worker runs it" };
    if (result === "removed") await components.removeBinaries(version);
    return { kind: result };
  }

  async #pluginWith({ componentId, version }: ComponentVersion): Promise<string | undefined> {
    const { components, plugins } = this.#options;
    const needs = ({ specs }: Pick<PluginDefinition, "specs">): boolean =>
      specs.type === "OplogProcessor" &&
      specs.componentId.toLowerCase() === componentId &&
      specs.componentVersion === version;
    const registered = (await plugins.list(undefined)).find(needs);
    if (registered !== undefined) return `plugin ${registered.name} ${registered.version} needs it`;
    const installing = (await components.list(undefined)).find(({ installedPlugins }) => installedPlugins.some(needs));
    return installing === undefined ? undefined : `a plugin of component ${installing.componentName} needs it`;
  }

  async #workerWith({ componentId, version }: ComponentVersion): Promise<string | undefined> {
    const { index } = this.#options;
    const running = await index.list({
      componentId,
      filter: { type: "Version", comparator: "Equal", value: version },
      count: 1,
    });
    const [runs] = running.workers;
    if (runs !== undefined) return `worker ${runs.id.workerName} runs it`;
    let afterName: string | undefined;
    do {
      const page: Awaited<ReturnType<WorkerIndex["list"]>> = await index.list({
        componentId,
        count: searchCount,
        ...(afterName === undefined ? {} : { afterName }),
      });
      for (const { id, row } of page.workers) {
        // A row of an earlier server doesn't tell.
        const { versions = [version] } = decodeDetail(row);
        if (versions.includes(version)) return `worker ${id.workerName} has it in its history`;
      }
      afterName = page.nextName;
    } while (afterName !== undefined);
    return undefined;
  }

  async #clean(componentId: string): Promise<void> {
    const { components, workers, index } = this.#options;
    for (;;) {
      const page = await index.list({ componentId, count: pageCount });
      if (page.workers.length === 0) break;
      await Promise.all(page.workers.map(({ id }) => workers.deleteIfThere(id)));
    }
    await components.removeFiles(componentId);
  }
}
