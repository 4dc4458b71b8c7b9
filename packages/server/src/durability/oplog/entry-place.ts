/** What the entries before one tell of it: the version by whose types it is, and the function that runs. */
import { decodeEntry } from "./decode-entry.ts";
import type { IndexedFrame, PayloadSource } from "./decode-entry.ts";

/** Invocations that are kept: a jump seldom goes back further. */
const invocationsMax = 1000;

export class EntryPlace {
  readonly #payloads: PayloadSource;
  /** In order, from the first one that is known; undefined for one that isn't. */
  readonly #versions: { readonly index: number; readonly version: number | undefined }[] = [];
  /** In order, the latest of those that aren't void. */
  readonly #invocations: { readonly index: number; readonly functionName: string }[] = [];

  constructor(payloads: PayloadSource) {
    this.#payloads = payloads;
  }

  /** Undefined after a revert to what was before the first entry. */
  get version(): number | undefined {
    return this.#versions.at(-1)?.version;
  }

  /** Undefined when none of the invocations that were seen is under way. */
  get functionName(): string | undefined {
    return this.#invocations.at(-1)?.functionName;
  }

  /** From the entry at `index` on, the types are those of `version`. */
  changeVersion(index: number, version: number | undefined): void {
    this.#versions.push({ index, version });
  }

  invoke(index: number, functionName: string): void {
    if (this.#invocations.length >= invocationsMax) this.#invocations.shift();
    this.#invocations.push({ index, functionName });
  }

  /** Takes the next entry; what a result is of was told before it. Returns where a region begins that it voids. */
  follow(frame: IndexedFrame): number | undefined {
    const { kind, index } = frame;
    switch (kind) {
      case "create":
      case "successful-update":
      case "exported-function-invoked":
      case "jump":
      case "revert":
        break;
      default:
        return undefined;
    }
    const { fields } = decodeEntry(frame, this.#payloads);
    if ("targetVersion" in fields) this.changeVersion(index, fields.targetVersion);
    else if ("componentVersion" in fields) this.changeVersion(index, fields.componentVersion);
    else if ("functionName" in fields) this.invoke(index, fields.functionName);
    if (!("region" in fields)) return undefined;
    const { start } = fields.region;
    if (kind === "revert") {
      this.changeVersion(index, this.#versions.findLast((change) => change.index < start)?.version);
    }
    while ((this.#invocations.at(-1)?.index ?? 0) >= start) this.#invocations.pop();
    return start;
  }
}
