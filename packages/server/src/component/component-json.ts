import type { ComponentJson } from "@emet/contract";
import type { ComponentRecord } from "../worker/stores.ts";
import { componentMetadataOf } from "./component-metadata.ts";

export function componentJson(record: ComponentRecord): ComponentJson {
  return {
    versionedComponentId: { componentId: record.componentId, version: record.version },
    componentName: record.componentName,
    componentSize: record.componentSize,
    metadata: componentMetadataOf(record),
    createdAt: new Date(record.createdAtMs).toISOString(),
    componentType: record.componentType,
    files: [...record.files],
    installedPlugins: record.installedPlugins.map(({ specs: _specs, ...installation }) => installation),
  };
}
