/** Objects in containers: changed by recorded calls, and read by them. Workers share them. Rejections are `StoreError`s. */
import type { EffectOrigin } from "./effect.ts";

export interface ObjectPlace {
  readonly container: string;
  readonly object: string;
}

/** Short contents come with the object; the others lie in a file that never changes (`ObjectFiles`). */
export type ObjectContent =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "file"; readonly file: string };

export interface ObjectInfo {
  readonly createdAtMs: number;
  readonly size: number;
}

/** One change; it happens as a whole or not at all. Containers that must be there are, or it rejects. */
export type ObjectChange =
  /** The result is when it was created, perhaps long ago. */
  | { readonly kind: "create-container"; readonly container: string }
  | { readonly kind: "delete-container"; readonly container: string }
  | { readonly kind: "clear"; readonly container: string }
  /** Replaces an object of that name. The result is the file that it lies in, if it lies in one. */
  | { readonly kind: "put"; readonly place: ObjectPlace; readonly size: number; readonly content: ObjectContent }
  | { readonly kind: "delete"; readonly container: string; readonly objects: readonly string[] }
  | { readonly kind: "copy" | "move"; readonly from: ObjectPlace; readonly to: ObjectPlace };

export type ObjectChangeResult = number | string | undefined;

export interface ObjectStore {
  /** When the container was created; undefined if there is none. */
  readonly container: (name: string) => Promise<number | undefined>;
  readonly info: (place: ObjectPlace) => Promise<ObjectInfo | undefined>;
  readonly get: (place: ObjectPlace) => Promise<(ObjectInfo & { readonly content: ObjectContent }) | undefined>;
  /** The next names after `after`, in order of code points, at most `count` and as many as the store gives at a time. */
  readonly names: (container: string, after: string | undefined, count: number) => Promise<readonly string[]>;
  /** Durable when it resolves. */
  readonly write: (change: ObjectChange, origin: EffectOrigin, nowMs: number) => Promise<ObjectChangeResult>;
  readonly files: ObjectFiles;
}

/** The contents that are too long to lie in the store itself. Calls without a promise are short: they don't sync. */
export interface ObjectFiles {
  /** Throws when the disk refuses. */
  readonly create: () => ObjectWriter;
  /** Undefined when it is gone. */
  readonly open: (file: string) => Promise<ObjectReader | undefined>;
}

export interface ObjectWriter {
  readonly append: (bytes: Uint8Array) => void;
  /** Makes what was written durable as a file of its own, for one `put`; it can be called again. */
  readonly publish: () => Promise<string>;
  readonly close: () => void;
}

export interface ObjectReader {
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
  readonly close: () => void;
}

/** What one worker's hosts may do with it. */
export interface ObjectAccess extends Omit<ObjectStore, "write"> {
  /** Once, however often the call that makes it is repeated after a crash. */
  readonly write: (change: ObjectChange) => Promise<ObjectChangeResult>;
  /** The longest object. */
  readonly sizeMax: number;
}

/** Why a change is refused. */
export const noContainer = "Container not found";
export const noObject = "Object not found";
