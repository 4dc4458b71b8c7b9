import { ComponentService } from "../../packages/server/src/component/component-service.ts";
import type { ComponentImage } from "../../packages/server/src/component/component-image.ts";
import { systemClock } from "../../packages/server/src/platform/clock.ts";
import { systemEntropy } from "../../packages/server/src/platform/entropy.ts";
import { createMemoryStorage } from "../../packages/server/src/storage/memory/memory-storage.ts";
import { textGuest } from "../support/guests.ts";

/** The ledger guest, compiled once for all simulations. */
export async function ledgerImage(): Promise<ComponentImage> {
  const { components: store, blobs } = createMemoryStorage().stores();
  const service = new ComponentService({
    store,
    blobs,
    clock: systemClock(),
    entropy: systemEntropy(),
    componentBytesMax: 1024 * 1024,
    memoryBytesMax: 1024 * 1024,
  });
  const { componentId, version } = await service.create("ledger", {
    binary: await textGuest("ledger"),
    componentType: undefined,
  });
  const image = await service.image(componentId, version);
  if (image === undefined) throw new Error("the ledger is missing");
  return image;
}
