/** How components and workers are shown, as text and as data (spec/service.md §11.2). */
import type { ComponentJson, WorkerMetadata } from "@emet/contract/client";
import { exportTexts } from "./functions.ts";
import { bytes, fields } from "./output/text.ts";
import { statusStyle } from "./output/style.ts";
import { componentUrnOf, workerUrn } from "./references.ts";

export function componentData(component: ComponentJson): unknown {
  const { componentName, componentSize, createdAt, componentType, versionedComponentId } = component;
  return {
    componentUrn: componentUrnOf(component),
    componentVersion: versionedComponentId.version,
    componentName,
    componentType,
    componentSize,
    createdAt,
    exports: exportTexts(component),
    files: component.files,
    installedPlugins: component.installedPlugins,
  };
}

export function componentText(component: ComponentJson): string {
  const { componentName, componentSize, createdAt, componentType, versionedComponentId, files } = component;
  const plugins = component.installedPlugins as readonly { readonly name: string; readonly version: string }[];
  return fields([
    ["Component", componentName],
    ["URN", componentUrnOf(component)],
    ["Version", versionedComponentId.version],
    ["Type", componentType],
    ["Size", bytes(componentSize)],
    ["Created at", createdAt],
    ["Exports", exportTexts(component).map(shortened)],
    ["Files", files.map(({ path, permissions }) => `${path} (${permissions})`)],
    ["Plugins", plugins.map(({ name, version }) => `${name} ${version}`)],
  ]);
}

/** Interfaces with many types fill the screen otherwise; the whole is in the data. */
const signatureLengthMax = 200;

function shortened(signature: string): string {
  return signature.length > signatureLengthMax ? `${signature.slice(0, signatureLengthMax)}…` : signature;
}

export function workerData(worker: WorkerMetadata): unknown {
  const { workerId, ...rest } = worker;
  return { workerUrn: workerUrn(workerId), ...rest };
}

export function workerText(worker: WorkerMetadata, componentName: string): string {
  const resources = Object.entries(worker.ownedResources).map(([id, { indexed }]) =>
    indexed === null || indexed === undefined
      ? id
      : `${id}: ${indexed.resourceName}(${indexed.resourceParams.join(", ")})`,
  );
  return fields([
    ["Worker", `${componentName}/${worker.workerId.workerName}`],
    ["URN", workerUrn(worker.workerId)],
    ["Status", worker.status, statusStyle(worker.status)],
    ["Component version", worker.componentVersion],
    ["Created at", worker.createdAt],
    ["Arguments", worker.args],
    ["Environment", Object.entries(worker.env).map(([name, value]) => `${name}=${value}`)],
    ["Waiting calls", worker.pendingInvocationCount === 0 ? undefined : worker.pendingInvocationCount],
    ["Failed attempts", worker.retryCount === 0 ? undefined : worker.retryCount],
    ["Last error", worker.lastError?.trim(), "red"],
    ["Updates", worker.updates.map(updateText)],
    ["Memory", bytes(worker.totalLinearMemorySize)],
    ["Computed", `${(worker.usage.cpuMs / 1000).toFixed(3)} s, ${worker.usage.fuel} units of fuel`],
    ["Resources", resources],
    ["Active plugins", worker.activePlugins],
  ]);
}

function updateText(update: WorkerMetadata["updates"][number]): string {
  const outcome = { pendingUpdate: "pending", successfulUpdate: "done", failedUpdate: "failed" }[update.type];
  const details = update.type === "failedUpdate" && update.details !== null ? `: ${update.details}` : "";
  return `to version ${update.targetVersion} ${outcome} (${update.timestamp})${details}`;
}
