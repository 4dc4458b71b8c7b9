/** A worker's plugins: what its oplog holds of them, and the deliveries that oplog processors need. */
import type { ComponentImage } from "../component/component-image.ts";
import type { PluginDescription } from "../durability/oplog/entry-types.ts";
import type { WorkerState } from "../durability/worker-state.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { OplogPlace } from "./delivery-plan.ts";
import type { OplogSession } from "./oplog-session.ts";
import type { WorkerServices } from "./services.ts";
import type { InstalledPlugin } from "./stores.ts";

function describePlugin({ id, name, version, parameters, specs }: InstalledPlugin): PluginDescription {
  const { componentId = "", componentVersion = 0 } = specs.type === "OplogProcessor" ? specs : {};
  return {
    installationId: id,
    name,
    version,
    parameters: Object.entries(parameters),
    processor: componentId === "" ? undefined : { componentId: componentId.toLowerCase(), componentVersion },
  };
}

/** The plugins that a component version has installed. */
export function pluginsOf({ installedPlugins }: ComponentImage): readonly PluginDescription[] {
  return installedPlugins.map((plugin) => describePlugin(plugin));
}

type DeliveryServices = Pick<WorkerServices, "deliveries" | "entropy">;

/**
 * Makes sure that what follows goes to those plugins that take in oplogs: durable before the entry that activates them
 * may be, as nobody would look for it otherwise.
 */
export async function beginDeliveries(
  worker: WorkerId,
  plugins: readonly PluginDescription[],
  { deliveries, entropy }: DeliveryServices,
  next: OplogPlace = { index: 1, version: 0 },
): Promise<void> {
  const processors = plugins.filter(({ processor }) => processor !== undefined);
  const state = JSON.stringify({ next });
  await Promise.all(
    processors.map(({ installationId }) =>
      deliveries.begin({
        worker,
        installationId,
        id: entropy.uuid(),
        lastIndex: next.index - 1,
        sending: false,
        state,
      }),
    ),
  );
}

/** The same for a worker that exists. */
export async function beginFurtherDeliveries(
  { state, writer }: Pick<OplogSession, "state" | "writer">,
  plugins: readonly PluginDescription[],
  services: DeliveryServices,
): Promise<void> {
  const added = plugins.filter(
    ({ installationId }) => !state.activePlugins.some((active) => active.installationId === installationId),
  );
  if (state.processes !== undefined || added.every(({ processor }) => processor === undefined)) return;
  const next = { index: state.lastIndex + 1, version: state.componentVersion };
  // What isn't durable may be lost, and its indices be given again.
  await writer.commit();
  await beginDeliveries(state.workerId, added, services, next);
}

/** Whether its plugins have got what they are to have of it. */
export async function areDelivered(
  { workerId, activePlugins, lastIndex }: WorkerState,
  { deliveries }: Pick<WorkerServices, "deliveries">,
): Promise<boolean> {
  const active = new Set(activePlugins.map(({ installationId }) => installationId));
  const known = await deliveries.of(workerId);
  return known.every(
    (delivery) => !delivery.sending && (delivery.lastIndex >= lastIndex || !active.has(delivery.installationId)),
  );
}
