/**
 * Where a component version's binaries lie in the blob store: as uploaded, as plugins have transformed it, the component
 * made of an uploaded core module, and its core modules rewritten.
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

export interface Binaries {
  readonly uploaded: Uint8Array;
  /** What plugins made of it. */
  readonly transformed: Uint8Array | undefined;
  /** The component made of a core module. */
  readonly adapted: Uint8Array | undefined;
}

export async function storeBinaries(
  blobs: BlobStore,
  id: { readonly componentId: string; readonly version: number },
  { uploaded, transformed, adapted }: Binaries,
  prepared: Prepared,
): Promise<void> {
  const base = folder(id.componentId, id.version);
  const summaries = JSON.stringify(prepared.modules.map((module) => module.summary));
  await Promise.all([
    blobs.put(`${base}/component.wasm`, uploaded),
    ...(transformed === undefined ? [] : [blobs.put(`${base}/transformed.wasm`, transformed)]),
    ...(adapted === undefined ? [] : [blobs.put(`${base}/adapted.wasm`, adapted)]),
    blobs.put(`${base}/modules.json`, encoder.encode(summaries)),
    ...prepared.modules.map((module, index) => blobs.put(`${base}/module-${index}.wasm`, module.bytes)),
  ]);
}

/** Those of all versions, and their initial files. */
export function removeComponentFiles(blobs: BlobStore, componentId: string): Promise<void> {
  return blobs.deleteAll(`components/${componentId}`);
}

/** Those of one version; its initial files may be those of others, too. */
export function removeBinaries(blobs: BlobStore, componentId: string, version: number): Promise<void> {
  return blobs.deleteAll(folder(componentId, version));
}

export function readBinary(blobs: BlobStore, componentId: string, version: number): Promise<Uint8Array | undefined> {
  return blobs.get(`${folder(componentId, version)}/component.wasm`);
}

/** What plugins made of the uploaded binary; undefined when there is none. */
export function readTransformed(
  blobs: BlobStore,
  componentId: string,
  version: number,
): Promise<Uint8Array | undefined> {
  return blobs.get(`${folder(componentId, version)}/transformed.wasm`);
}

async function readComponent(blobs: BlobStore, base: string, transformed: boolean): Promise<Uint8Array | undefined> {
  const binary = await blobs.get(`${base}/${transformed ? "transformed" : "component"}.wasm`);
  return binary !== undefined && isCoreModule(binary) ? await blobs.get(`${base}/adapted.wasm`) : binary;
}

/**
 * What `storeBinaries` stored; undefined when it isn't there. Whether it was transformed must be known: an upload that
 * was cut off may have left another one's binary.
 */
export async function readPrepared(
  blobs: BlobStore,
  { componentId, version }: { readonly componentId: string; readonly version: number },
  transformed: boolean,
): Promise<Prepared | undefined> {
  const base = folder(componentId, version);
  const [binary, summariesText] = await Promise.all([
    readComponent(blobs, base, transformed),
    blobs.get(`${base}/modules.json`),
  ]);
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
