/**
 * Where a component version's binaries lie in the blob store: as uploaded, the component made of an uploaded core module,
 * and its core modules rewritten.
 */
import { decode } from "@emet/component";
import type { ModuleSummary, Prepared } from "@emet/component";
import type { BlobStore } from "../worker/stores.ts";
import { isCoreModule } from "./preview1.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function folder(componentId: string, version: number): string {
  return `components/${componentId}/${version}`;
}

export async function storeBinaries(
  blobs: BlobStore,
  id: { readonly componentId: string; readonly version: number },
  { uploaded, adapted }: { readonly uploaded: Uint8Array; readonly adapted: Uint8Array | undefined },
  prepared: Prepared,
): Promise<void> {
  const base = folder(id.componentId, id.version);
  const summaries = JSON.stringify(prepared.modules.map((module) => module.summary));
  await Promise.all([
    blobs.put(`${base}/component.wasm`, uploaded),
    ...(adapted === undefined ? [] : [blobs.put(`${base}/adapted.wasm`, adapted)]),
    blobs.put(`${base}/modules.json`, encoder.encode(summaries)),
    ...prepared.modules.map((module, index) => blobs.put(`${base}/module-${index}.wasm`, module.bytes)),
  ]);
}

export function readBinary(blobs: BlobStore, componentId: string, version: number): Promise<Uint8Array | undefined> {
  return blobs.get(`${folder(componentId, version)}/component.wasm`);
}

async function readComponent(blobs: BlobStore, base: string): Promise<Uint8Array | undefined> {
  const uploaded = await blobs.get(`${base}/component.wasm`);
  return uploaded !== undefined && isCoreModule(uploaded) ? await blobs.get(`${base}/adapted.wasm`) : uploaded;
}

/** What `storeBinaries` stored; undefined when it isn't there. */
export async function readPrepared(
  blobs: BlobStore,
  componentId: string,
  version: number,
): Promise<Prepared | undefined> {
  const base = folder(componentId, version);
  const [binary, summariesText] = await Promise.all([readComponent(blobs, base), blobs.get(`${base}/modules.json`)]);
  if (binary === undefined || summariesText === undefined) return undefined;
  const summaries = JSON.parse(decoder.decode(summariesText)) as readonly ModuleSummary[];
  const modules = await Promise.all(
    summaries.map(async (summary, index) => {
      const bytes = await blobs.get(`${base}/module-${index}.wasm`);
      if (bytes === undefined)
        throw new Error(`module ${index} of component ${componentId} version ${version} is gone`);
      return { bytes, summary };
    }),
  );
  return { decoded: decode(binary), modules };
}
