/** Components and their versions: upload, look-up, and images ready to run. */
import { compile, describeComponent } from "@emet/component";
import { formatJson } from "@emet/contract";
import type { DynamicLinking } from "@emet/contract";
import type { Clock } from "../platform/clock.ts";
import type { Entropy } from "../platform/entropy.ts";
import { KeyedLock } from "../platform/keyed-lock.ts";
import type {
  BlobStore,
  ComponentRecord,
  ComponentStore,
  ComponentVersion,
  EndResult,
  InstalledPlugin,
  RemoveVersionResult,
} from "../worker/stores.ts";
import { analyse } from "./analysis.ts";
import type { Analysis, ModuleLimits } from "./analysis.ts";
import {
  readBinary,
  readPrepared,
  readTransformed,
  removeBinaries,
  removeComponentFiles,
  storeBinaries,
} from "./component-files.ts";
import type { ComponentImage } from "./component-image.ts";
import { clientInstances, componentMetadataOf, exportedFunctions, initialMemorySize } from "./component-metadata.ts";
import type { Transform } from "./http-transform.ts";
import { imageFiles, readInitialFile, storeInitialFiles } from "./initial-files.ts";
import type { UploadedFiles } from "./initial-files.ts";
import { sameTransformation, transformed, transformersOf } from "./transformation.ts";
import type { Transformed } from "./transformation.ts";
import { UploadError } from "./upload-error.ts";

export interface ComponentServiceOptions {
  readonly store: ComponentStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly componentBytesMax: number;
  /** Of the initial files of one version together. */
  readonly filesBytesMax: number;
  readonly moduleLimits: ModuleLimits;
  /** Asks a component transformer. */
  readonly transform: Transform;
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

/** What a version is made of. */
interface Draft extends Upload {
  readonly id: Pick<ComponentRecord, "componentId" | "version" | "componentName">;
  /** The version that it follows. */
  readonly before: ComponentRecord | undefined;
  /** As uploaded: of the version before it, if it isn't new. */
  readonly uploaded: boolean;
  readonly installedPlugins: readonly InstalledPlugin[];
}

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
    const draft = { ...upload, id: { ...id, componentName }, before: undefined, uploaded: true, installedPlugins: [] };
    const record = await this.#prepare(draft);
    if (await store.create(record)) return record;
    throw alreadyExists(record);
  }

  /** Stores the next version; what plugins do to binaries is done to this one, too. Throws `UploadError`. */
  update(componentId: string, upload: Upload): Promise<ComponentRecord> {
    return this.#addVersion(componentId, async (before) => ({
      ...upload,
      uploaded: true,
      installedPlugins: before.installedPlugins,
    }));
  }

  /** Stores a version of the same upload that has these plugins installed. Throws `UploadError`. */
  changePlugins(
    componentId: string,
    change: (installed: readonly InstalledPlugin[]) => readonly InstalledPlugin[],
  ): Promise<ComponentRecord> {
    return this.#addVersion(componentId, async (before) => {
      const installedPlugins = change(before.installedPlugins);
      const binary = await this.binary(componentId, before.version);
      if (binary === undefined) throw new Error(`the binary of component ${componentId} is gone`);
      return { binary, componentType: undefined, uploaded: false, installedPlugins };
    });
  }

  #addVersion(
    componentId: string,
    draft: (before: ComponentRecord) => Promise<Omit<Draft, "id" | "before">>,
  ): Promise<ComponentRecord> {
    return this.#updates.run(componentId, async () => {
      const { store } = this.#options;
      const before = await store.latest(componentId);
      if (before === undefined) throw new UploadError("not-found", `Component not found: ${componentId}`);
      const given = await draft(before);
      const componentType = given.componentType ?? before.componentType;
      const dynamicLinking = given.dynamicLinking ?? componentMetadataOf(before).dynamicLinking;
      const id = { componentId, version: before.version + 1, componentName: before.componentName };
      const record = await this.#prepare({ ...given, componentType, dynamicLinking, id, before });
      if (!(await store.addVersion(record))) {
        throw new UploadError("conflict", `Version ${id.version} of component ${componentId} already exists`);
      }
      this.#noteLatest(record);
      return record;
    });
  }

  get(componentId: string, version: number): Promise<ComponentRecord | undefined> {
    return this.#options.store.get(componentId, version);
  }

  /** The latest version where it was asked for before: every invocation does. Only this service adds versions. */
  knownLatest(componentId: string): ComponentRecord | undefined {
    return this.#latest.get(componentId);
  }

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

  /** Ends a component: it has no versions any more. */
  end(componentId: string, withWorkers: boolean): Promise<EndResult> {
    return this.#updates.run(componentId, async () => {
      const result = await this.#options.store.end(componentId, withWorkers);
      if (result === "ended") {
        this.#latest.delete(componentId);
        for (const key of this.#images.keys()) if (key.startsWith(`${componentId}/`)) this.#images.delete(key);
      }
      return result;
    });
  }

  /** Removes a version that no worker has or had. */
  removeVersion(version: ComponentVersion): Promise<RemoveVersionResult> {
    return this.#updates.run(version.componentId, async () => {
      const result = await this.#options.store.removeVersion(version);
      if (result === "removed") this.#images.delete(`${version.componentId}/${version.version}`);
      return result;
    });
  }

  /** Removed versions whose binaries are to be removed. */
  removedVersions(): Promise<readonly ComponentVersion[]> {
    return this.#options.store.uncleanedVersions();
  }

  async removeBinaries(version: ComponentVersion): Promise<void> {
    await removeBinaries(this.#options.blobs, version.componentId, version.version);
    await this.#options.store.noteVersionCleaned(version);
  }

  /** Those whose remains are to be removed. */
  ended(): Promise<readonly string[]> {
    return this.#options.store.uncleaned();
  }

  /** The last thing to be removed of a component that has ended. */
  async removeFiles(componentId: string): Promise<void> {
    await removeComponentFiles(this.#options.blobs, componentId);
    await this.#options.store.noteCleaned(componentId);
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
    const record = await store.get(componentId, version);
    if (record === undefined) return undefined;
    const prepared = await readPrepared(blobs, record, transformersOf(record.installedPlugins).length > 0);
    if (prepared === undefined) return undefined;
    const description = describeComponent(prepared.decoded);
    return {
      componentId,
      version,
      componentSize: record.componentSize,
      componentType: record.componentType,
      component: await compile(prepared),
      functions: exportedFunctions(description),
      initialMemorySize: initialMemorySize(prepared.modules.map((module) => module.summary)),
      clients: clientInstances(description, componentMetadataOf(record).dynamicLinking),
      files: await imageFiles(blobs, componentId, record.files),
      createdAtMs: record.createdAtMs,
      installedPlugins: record.installedPlugins,
    };
  }

  /** Checks, transforms and rewrites the binary and stores it; the record is not stored yet. */
  async #prepare(draft: Draft): Promise<ComponentRecord> {
    const { blobs, clock, componentBytesMax, filesBytesMax } = this.#options;
    const { id, before, binary: uploaded, componentType, dynamicLinking, files, installedPlugins } = draft;
    if (uploaded.length > componentBytesMax) {
      const message = `The component has ${uploaded.length} bytes; at most ${componentBytesMax} are accepted`;
      throw new UploadError("invalid", message);
    }
    const analysed = await this.#analyse(uploaded);
    const { componentId } = id;
    const stored = before?.files ?? [];
    const filesStore = { blobs, componentId, bytesMax: filesBytesMax, stored };
    const initialFiles = files === undefined ? stored : await storeInitialFiles(files, filesStore);
    const version = {
      ...id,
      componentType: componentType ?? "Durable",
      createdAtMs: Math.floor(clock.now()),
      files: initialFiles,
      installedPlugins,
    };
    const { binary, analysis } = await this.#binaryToRun(draft, analysed, version);
    // Compiled before it is accepted: what the engine refuses must not become a version.
    await compile(analysis.prepared).catch((error: unknown) => {
      throw new UploadError("invalid", `The component does not compile: ${String(error)}`, { cause: error });
    });
    const changed = transformersOf(installedPlugins).length > 0 ? binary : undefined;
    await storeBinaries(blobs, id, { uploaded, transformed: changed, adapted: analysis.adapted }, analysis.prepared);
    const linking = dynamicLinking === undefined ? {} : { dynamicLinking };
    return {
      ...version,
      componentSize: uploaded.length,
      metadata: formatJson({ ...analysis.metadata, ...linking }),
    };
  }

  #analyse(binary: Uint8Array): Promise<Analysis> {
    return analyse(binary, this.#options.moduleLimits);
  }

  async #binaryToRun(
    { binary: uploaded, before, uploaded: isNew, installedPlugins }: Draft,
    analysed: Analysis,
    version: Omit<ComponentRecord, "componentSize" | "metadata">,
  ): Promise<Transformed> {
    const unchanged = { binary: uploaded, analysis: analysed };
    if (transformersOf(installedPlugins).length === 0) return unchanged;
    const { blobs, transform } = this.#options;
    // A plugin that leaves the binary alone can be installed while the transformers are out of reach.
    if (!isNew && before !== undefined && sameTransformation(before.installedPlugins, installedPlugins)) {
      const known = await readTransformed(blobs, before.componentId, before.version);
      if (known !== undefined) return { binary: known, analysis: await this.#analyse(known) };
    }
    return await transformed(unchanged, { transform, analyse: (binary) => this.#analyse(binary), version });
  }
}

function alreadyExists(record: ComponentRecord): UploadError {
  return new UploadError("conflict", `Component already exists: ${record.componentId}`);
}
