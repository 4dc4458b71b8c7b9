import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

/** A directory for one owner, made when first asked for: most owners never do. */
export class PrivateDirectory {
  readonly #parent: string;
  #path: string | undefined;

  constructor(parent: string) {
    this.#parent = parent;
  }

  path(): string {
    this.#path ??= mkdtempSync(join(this.#parent, "worker-"));
    return this.#path;
  }

  remove(): void {
    if (this.#path !== undefined) rmSync(this.#path, { recursive: true, force: true });
    this.#path = undefined;
  }
}
