/** What no worker of this partition may begin to use (`component-client.ts`). The first partition knows it by itself. */
import type { EndedComponents } from "./ended-components.ts";
import type { RemovedVersions } from "./removed-versions.ts";

/** A component, or one version of it. */
export interface Barred {
  readonly componentId: string;
  readonly version?: number;
}

/** `was-barred`: by an earlier call, or since the start. */
export type BarResult = "barred" | "was-barred" | "in-use";

function keyOf({ componentId, version }: Barred): string {
  return version === undefined ? componentId : `${componentId} ${version}`;
}

export class BarredVersions {
  readonly #parts: { readonly endedComponents: EndedComponents; readonly removedVersions: RemovedVersions };
  readonly #barred = new Set<string>();

  constructor(parts: { readonly endedComponents: EndedComponents; readonly removedVersions: RemovedVersions }) {
    this.#parts = parts;
  }

  isUsed({ componentId, version }: Barred): boolean {
    const { endedComponents, removedVersions } = this.#parts;
    return version === undefined ? endedComponents.isUsed(componentId) : removedVersions.isUsed(componentId, version);
  }

  bar(barred: Barred, evenIfUsed: boolean): BarResult {
    const key = keyOf(barred);
    if (this.#barred.has(key)) return "was-barred";
    if (!evenIfUsed && this.isUsed(barred)) return "in-use";
    this.#barred.add(key);
    return "barred";
  }

  lift(barred: Barred): void {
    this.#barred.delete(keyOf(barred));
  }

  has(barred: Barred): boolean {
    return this.#barred.size > 0 && this.#barred.has(keyOf(barred));
  }
}
