import type { ComponentJson, ComponentMetadata } from "@emet/contract";
import type { ComponentRecord } from "../worker/stores.ts";

export function componentJson(record: ComponentRecord): ComponentJson {
  return {
    versionedComponentId: { componentId: record.componentId, version: record.version },
    componentName: record.componentName,
    componentSize: record.componentSize,
    metadata: JSON.parse(record.metadata) as ComponentMetadata,
    createdAt: new Date(record.createdAtMs).toISOString(),
    componentType: record.componentType,
    files: [...record.files],
    installedPlugins: [],
  };
}
