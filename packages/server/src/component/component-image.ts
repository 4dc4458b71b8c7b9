/** A component version ready to run, as it goes to executors. */
import type { Component, FunctionType } from "@emet/component";

export interface ExportedFunctionInfo {
  /** Undefined at the root. */
  readonly interface: string | undefined;
  /** Canonical: `add-item`, `[constructor]cart`, `[method]cart.add-item`, `[static]cart.merge`, `[resource-drop]cart`. */
  readonly name: string;
  readonly type: FunctionType;
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
}
