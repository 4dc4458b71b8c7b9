/** Components and their versions: upload, look-up, and images ready to run. */
import { ComponentError, compile, describeComponent, prepareComponent } from "@emet/component";
import { formatJson } from "@emet/contract";
import type { ComponentMetadata, DynamicLinking } from "@emet/contract";
import type { Clock } from "../platform/clock.ts";
import type { Entropy } from "../platform/entropy.ts";
import { KeyedLock } from "../platform/keyed-lock.ts";
import type { BlobStore, ComponentRecord, ComponentStore, InitialFile } from "../worker/stores.ts";
import { readBinary, readPrepared, storeBinaries } from "./component-files.ts";
import type { ComponentImage } from "./component-image.ts";
import { clientInstances, componentMetadata, exportedFunctions, initialMemorySize } from "./component-metadata.ts";
import { imageFiles, readInitialFile, storeInitialFiles } from "./initial-files.ts";
import type { UploadedFiles } from "./initial-files.ts";
import { componentOf, isCoreModule } from "./preview1.ts";
import { UploadError } from "./upload-error.ts";

export interface ComponentServiceOptions {
  readonly store: ComponentStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly componentBytesMax: number;
  /** Of the initial files of one version together. */
  readonly filesBytesMax: number;
  /** A core module may grow its memory to this many bytes. */
  readonly memoryBytesMax: number;
}

export interface Upload {
  readonly binary: Uint8Array;
  /** Undefined: as the version before, or `Durable`. */
  readonly componentType: "Durable" | "Ephemeral" | undefined;
  /** Undefined: as the version before. */
  readonly dynamicLinking?: DynamicLinking | undefined;
  /** Undefined: those of the version before. */
  readonly files?: UploadedFiles | undefined;
}

const nothingToCall =
  "The core module has nothing to call: it exports neither _start nor functions that its WIT world describes";

/** How many compiled versions are kept; others are compiled again from their stored modules. */
const imagesMax = 256;

export class ComponentService {
  readonly #options: ComponentServiceOptions;
  /** Compiled or being compiled, least recently used first. */
  readonly #images = new Map<string, Promise<ComponentImage | undefined>>();
  readonly #latest = new Map<string, ComponentRecord>();
  /** Binaries are stored under their version before it counts: two uploads must not write the same one. */
  readonly #updates = new KeyedLock();

  constructor(options: ComponentServiceOptions) {
    this.#options = options;
  }

  /** Stores version 0 of a new component. Throws `UploadError`. */
  async create(componentName: string, upload: Upload): Promise<ComponentRecord> {
    const { store, entropy } = this.#options;
    if (componentName === "") throw new UploadError("invalid", "The component's name is empty");
    const [taken] = await store.byName(componentName);
    if (taken !== undefined) throw alreadyExists(taken);
    const id = { componentId: entropy.uuid(), version: 0 };
    const record = await this.#prepare({ ...id, componentName }, upload, []);
    if (await store.create(record)) return record;
    throw alreadyExists(record);
  }

  /** Stores the next version. Throws `UploadError`. */
  update(componentId: string, upload: Upload): Promise<ComponentRecord> {
    return this.#updates.run(componentId, () => this.#update(componentId, upload));
  }

  async #update(componentId: string, upload: Upload): Promise<ComponentRecord> {
    const { store } = this.#options;
    const before = await store.latest(componentId);
    if (before === undefined) throw new UploadError("not-found", `Component not found: ${componentId}`);
    const componentType = upload.componentType ?? before.componentType;
    const id = { componentId, version: before.version + 1 };
    const dynamicLinking = upload.dynamicLinking ?? metadataOf(before).dynamicLinking;
    const named = { ...id, componentName: before.componentName };
    const record = await this.#prepare(named, { ...upload, componentType, dynamicLinking }, before.files);
    if (!(await store.addVersion(record))) {
      throw new UploadError("conflict", `Version ${id.version} of component ${componentId} already exists`);
    }
    this.#noteLatest(record);
    return record;
  }

  get(componentId: string, version: number): Promise<ComponentRecord | undefined> {
    return this.#options.store.get(componentId, version);
  }

  /** Asked for by every invocation, so it is kept; only this service adds versions. */
  async latest(componentId: string): Promise<ComponentRecord | undefined> {
    const known = this.#latest.get(componentId);
    if (known !== undefined) return known;
    const record = await this.#options.store.latest(componentId);
    if (record !== undefined) this.#noteLatest(record);
    return record;
  }

  /** What was read may be older than what was added meanwhile. */
  #noteLatest(record: ComponentRecord): void {
    const known = this.#latest.get(record.componentId);
    if (known === undefined || known.version < record.version) this.#latest.set(record.componentId, record);
  }

  versions(componentId: string): Promise<readonly ComponentRecord[]> {
    return this.#options.store.versions(componentId);
  }

  list(componentName: string | undefined): Promise<readonly ComponentRecord[]> {
    const { store } = this.#options;
    return componentName === undefined ? store.all() : store.byName(componentName);
  }

  binary(componentId: string, version: number): Promise<Uint8Array | undefined> {
    return readBinary(this.#options.blobs, componentId, version);
  }

  /** What initial files of a version hold; undefined when none of them has this key. */
  async fileContent(componentId: string, version: number, key: string): Promise<Uint8Array | undefined> {
    const record = await this.get(componentId, version);
    const known = record?.files.some((file) => file.key === key) === true;
    return known ? await readInitialFile(this.#options.blobs, componentId, key) : undefined;
  }

  /** The compiled version; undefined when there is none. */
  image(componentId: string, version: number): Promise<ComponentImage | undefined> {
    const key = `${componentId}/${version}`;
    const known = this.#images.get(key);
    const image = known ?? this.#loadImage(componentId, version);
    this.#images.delete(key);
    this.#images.set(key, image);
    if (known === undefined) this.#forgetFailed(key, image);
    const [oldest] = this.#images.keys();
    if (this.#images.size > imagesMax && oldest !== undefined) this.#images.delete(oldest);
    return image;
  }

  #forgetFailed(key: string, image: Promise<ComponentImage | undefined>): void {
    const forget = (): void => {
      if (this.#images.get(key) === image) this.#images.delete(key);
    };
    image.then((found) => {
      if (found === undefined) forget();
    }, forget);
  }

  async #loadImage(componentId: string, version: number): Promise<ComponentImage | undefined> {
    const { store, blobs } = this.#options;
    const [record, prepared] = await Promise.all([
      store.get(componentId, version),
      readPrepared(blobs, componentId, version),
    ]);
    if (record === undefined || prepared === undefined) return undefined;
    const description = describeComponent(prepared.decoded);
    return {
      componentId,
      version,
      componentSize: record.componentSize,
      componentType: record.componentType,
      component: await compile(prepared),
      functions: exportedFunctions(description),
      initialMemorySize: initialMemorySize(prepared.modules.map((module) => module.summary)),
      clients: clientInstances(description, metadataOf(record).dynamicLinking),
      files: await imageFiles(blobs, componentId, record.files),
      createdAtMs: record.createdAtMs,
    };
  }

  /** Checks and rewrites the binary and stores it; the record is not stored yet. */
  async #prepare(
    id: Pick<ComponentRecord, "componentId" | "version" | "componentName">,
    { binary, componentType, dynamicLinking, files }: Upload,
    filesBefore: readonly InitialFile[],
  ): Promise<ComponentRecord> {
    const { blobs, clock, componentBytesMax, filesBytesMax, memoryBytesMax } = this.#options;
    if (binary.length > componentBytesMax) {
      const message = `The component has ${binary.length} bytes; at most ${componentBytesMax} are accepted`;
      throw new UploadError("invalid", message);
    }
    const adapted = isCoreModule(binary) ? await componentOf(binary, memoryBytesMax) : undefined;
    const prepared = prepare(adapted ?? binary, memoryBytesMax);
    // Compiled before it is accepted: what the engine refuses must not become a version.
    await compile(prepared).catch((error: unknown) => {
      throw new UploadError("invalid", `The component does not compile: ${String(error)}`, { cause: error });
    });
    const functions = exportedFunctions(describeComponent(prepared.decoded));
    if (adapted !== undefined && functions.length === 0) throw new UploadError("invalid", nothingToCall);
    const { componentId } = id;
    const filesStore = { blobs, componentId, bytesMax: filesBytesMax, stored: filesBefore };
    const initialFiles = files === undefined ? filesBefore : await storeInitialFiles(files, filesStore);
    await storeBinaries(blobs, id, { uploaded: binary, adapted }, prepared);
    const summaries = prepared.modules.map((module) => module.summary);
    return {
      ...id,
      componentSize: binary.length,
      componentType: componentType ?? "Durable",
      createdAtMs: Math.floor(clock.now()),
      metadata: formatJson({
        ...componentMetadata(prepared.decoded, functions, summaries),
        ...(dynamicLinking === undefined ? {} : { dynamicLinking }),
      }),
      files: initialFiles,
    };
  }
}

function prepare(binary: Uint8Array, memoryBytesMax: number): ReturnType<typeof prepareComponent> {
  try {
    return prepareComponent(binary, { maximumPages: Math.floor(memoryBytesMax / 65_536) });
  } catch (error) {
    if (!(error instanceof ComponentError)) throw error;
    const place = error.offset === undefined ? "" : ` (at byte ${error.offset})`;
    throw new UploadError("invalid", `The component is not valid: ${error.message}${place}`, { cause: error });
  }
}

function metadataOf(record: ComponentRecord): ComponentMetadata {
  return JSON.parse(record.metadata) as ComponentMetadata;
}

function alreadyExists(record: ComponentRecord): UploadError {
  return new UploadError("conflict", `Component already exists: ${record.componentId}`);
}
