/** What the plugins of a component make of its binary before it runs. */
import { formatJson } from "@emet/contract";
import type { PluginSpecs } from "@emet/contract";
import type { ComponentRecord, InstalledPlugin } from "../worker/stores.ts";
import type { Analysis } from "./analysis.ts";
import { componentJson } from "./component-json.ts";
import type { Transform } from "./http-transform.ts";
import { UploadError } from "./upload-error.ts";

type TransformerSpecs = Extract<PluginSpecs, { readonly type: "ComponentTransformer" }>;

export interface Transformer extends InstalledPlugin {
  readonly specs: TransformerSpecs;
}

function isTransformer(plugin: InstalledPlugin): plugin is Transformer {
  return plugin.specs.type === "ComponentTransformer";
}

/** Those that change the binary, in the order in which they do; those of one priority as they were installed. */
export function transformersOf(installed: readonly InstalledPlugin[]): readonly Transformer[] {
  return installed.filter(isTransformer).sort((left, right) => left.priority - right.priority);
}

/** Whether both make the same of a binary. */
export function sameTransformation(left: readonly InstalledPlugin[], right: readonly InstalledPlugin[]): boolean {
  const described = (installed: readonly InstalledPlugin[]): string =>
    JSON.stringify(transformersOf(installed).map(({ specs, parameters }) => [specs, parameters]));
  return described(left) === described(right);
}

export interface Transforming {
  readonly transform: Transform;
  /** Throws `UploadError` for a binary that no component can be. */
  readonly analyse: (binary: Uint8Array) => Promise<Analysis>;
  /** The version that is being made, but for what depends on its binary. */
  readonly version: Omit<ComponentRecord, "componentSize" | "metadata">;
}

/** A binary and what it is. */
export interface Transformed {
  readonly binary: Uint8Array;
  readonly analysis: Analysis;
}

/** Each transformer gets what the one before has made, and is told what it is. Throws `UploadError`. */
export async function transformed(
  uploaded: Transformed,
  { transform, analyse, version }: Transforming,
): Promise<Transformed> {
  let { binary, analysis } = uploaded;
  for (const { name, specs, parameters } of transformersOf(version.installedPlugins)) {
    const record = { ...version, componentSize: binary.length, metadata: formatJson(analysis.metadata) };
    const metadata = formatJson(componentJson(record));
    binary = await transform({ url: specs.transformUrl, component: binary, metadata, parameters });
    analysis = await analyse(binary).catch((error: unknown) => {
      if (!(error instanceof UploadError)) throw error;
      throw new UploadError("transformation", `Component transformation failed: plugin ${name}: ${error.message}`, {
        cause: error,
      });
    });
  }
  return { binary, analysis };
}
