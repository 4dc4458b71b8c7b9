/** A component version ready to run, as it goes to executors. */
import type { Component, DescribedItem, FunctionType } from "@emet/component";
import type { InstalledPlugin } from "../worker/stores.ts";

export interface ExportedFunctionInfo {
  /** Undefined at the root. */
  readonly interface: string | undefined;
  /** Canonical: `add-item`, `[constructor]cart`, `[method]cart.add-item`, `[static]cart.merge`, `[resource-drop]cart`. */
  readonly name: string;
  readonly type: FunctionType;
}

export interface ClientTarget {
  /** The interface that the target component exports: `rpc:counters/api`. */
  readonly interfaceName: string;
  readonly componentName: string;
  readonly componentType: "Durable" | "Ephemeral";
}

/** An imported instance that no package defines: its functions call another component (spec/host-interfaces.md §12.6). */
export interface ClientInstance {
  readonly imported: DescribedItem;
  /** By resource. */
  readonly targets: { readonly [resource: string]: ClientTarget };
}

/** An initial file with what it holds, in memory that all threads share. */
export interface ImageFile {
  /** Absolute. */
  readonly path: string;
  readonly readOnly: boolean;
  readonly content: Uint8Array;
}

export interface ComponentImage {
  readonly componentId: string;
  readonly version: number;
  /** Bytes of the uploaded binary. */
  readonly componentSize: number;
  readonly componentType: "Durable" | "Ephemeral";
  readonly component: Component;
  readonly functions: readonly ExportedFunctionInfo[];
  /** Bytes of linear memory that a fresh instance has. */
  readonly initialMemorySize: number;
  /** Imported instances through which it calls other components, by name. */
  readonly clients: { readonly [instance: string]: ClientInstance };
  readonly files: readonly ImageFile[];
  readonly installedPlugins: readonly InstalledPlugin[];
  /** When the version was uploaded: its files were made then. */
  readonly createdAtMs: number;
}
