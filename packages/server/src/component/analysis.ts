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

/** Throws `UploadError` for what can't become a version; a core module may grow its memory to `memoryBytesMax`. */
export async function analyse(binary: Uint8Array, memoryBytesMax: number): Promise<Analysis> {
  const adapted = isCoreModule(binary) ? await componentOf(binary, memoryBytesMax) : undefined;
  const prepared = prepare(adapted ?? binary, memoryBytesMax);
  const functions = exportedFunctions(describeComponent(prepared.decoded));
  if (adapted !== undefined && functions.length === 0) throw new UploadError("invalid", nothingToCall);
  const summaries = prepared.modules.map((module) => module.summary);
  return { adapted, prepared, metadata: componentMetadata(prepared.decoded, functions, summaries) };
}

function prepare(binary: Uint8Array, memoryBytesMax: number): Prepared {
  try {
    return prepareComponent(binary, { maximumPages: Math.floor(memoryBytesMax / 65_536) });
  } catch (error) {
    if (!(error instanceof ComponentError)) throw error;
    const place = error.offset === undefined ? "" : ` (at byte ${error.offset})`;
    throw new UploadError("invalid", `The component is not valid: ${error.message}${place}`, { cause: error });
  }
}
