/** What an uploaded binary is: checked, rewritten to run here, and described. */
import { ComponentError, describeComponent, prepareComponent } from "@emet/component";
import type { Prepared } from "@emet/component";
import type { ComponentMetadata } from "@emet/contract";
import { componentMetadata, exportedFunctions } from "./component-metadata.ts";
import { componentOf, isCoreModule } from "./preview1.ts";
import { UploadError } from "./upload-error.ts";

export interface Analysis {
  /** The component made of an uploaded core module. */
  readonly adapted: Uint8Array | undefined;
  readonly prepared: Prepared;
  readonly metadata: ComponentMetadata;
}

const nothingToCall =
  "The core module has nothing to call: it exports neither _start nor functions that its WIT world describes";

/** What a core module may have of each; they become part of the version, so that its workers never meet others. */
export interface ModuleLimits {
  /** Of a memory. */
  readonly memoryBytesMax: number;
  /** Of a table. */
  readonly tableEntriesMax: number;
}

/** Throws `UploadError` for what can't become a version. */
export async function analyse(binary: Uint8Array, limits: ModuleLimits): Promise<Analysis> {
  const adapted = isCoreModule(binary) ? await componentOf(binary, limits.memoryBytesMax) : undefined;
  const prepared = prepare(adapted ?? binary, limits);
  const functions = exportedFunctions(describeComponent(prepared.decoded));
  if (adapted !== undefined && functions.length === 0) throw new UploadError("invalid", nothingToCall);
  const summaries = prepared.modules.map((module) => module.summary);
  return { adapted, prepared, metadata: componentMetadata(prepared.decoded, functions, summaries) };
}

function prepare(binary: Uint8Array, { memoryBytesMax, tableEntriesMax }: ModuleLimits): Prepared {
  try {
    const maximumPages = Math.floor(memoryBytesMax / 65_536);
    return prepareComponent(binary, { maximumPages, maximumTableEntries: tableEntriesMax });
  } catch (error) {
    if (!(error instanceof ComponentError)) throw error;
    const place = error.offset === undefined ? "" : ` (at byte ${error.offset})`;
    throw new UploadError("invalid", `The component is not valid: ${error.message}${place}`, { cause: error });
  }
}
