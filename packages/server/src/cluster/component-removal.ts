/**
 * Deletion of components. When a component has ended nobody can use it any more, and its name is free; what is left of
 * it, workers and files, is removed after that, and after a restart if the server ended meanwhile.
 */
import type { ComponentService } from "../component/component-service.ts";
import type { EndResult } from "../worker/stores.ts";
import type { WorkerIndex } from "../worker/worker-index.ts";
import type { WorkerService } from "./worker-service.ts";

export interface ComponentRemovalOptions {
  readonly components: Pick<ComponentService, "end" | "ended" | "removeFiles">;
  readonly workers: Pick<WorkerService, "deleteIfThere">;
  readonly index: Pick<WorkerIndex, "list">;
}

/** Workers deleted at a time. */
const pageCount = 200;

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
    for (const componentId of await this.#options.components.ended()) await this.#clean(componentId);
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
