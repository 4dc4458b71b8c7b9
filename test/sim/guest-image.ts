import { ComponentService } from "../../packages/server/src/component/component-service.ts";
import type { ComponentImage } from "../../packages/server/src/component/component-image.ts";
import { systemClock } from "../../packages/server/src/platform/clock.ts";
import { systemEntropy } from "../../packages/server/src/platform/entropy.ts";
import { createMemoryStorage } from "../../packages/server/src/storage/memory/memory-storage.ts";
import { textGuest } from "../support/guests.ts";

/** A guest, ready to run; compiled once for all simulations. */
export async function guestImage(name: string): Promise<ComponentImage> {
  const { components: store, blobs } = createMemoryStorage().stores();
  const service = new ComponentService({
    store,
    blobs,
    clock: systemClock(),
    entropy: systemEntropy(),
    componentBytesMax: 1024 * 1024,
    filesBytesMax: 1024 * 1024,
    moduleLimits: { memoryBytesMax: 1024 * 1024, tableEntriesMax: 1000 },
    transform: () => Promise.reject(new Error("no transformers")),
  });
  const { componentId, version } = await service.create(name, {
    binary: await textGuest(name),
    componentType: undefined,
  });
  const image = await service.image(componentId, version);
  if (image === undefined) throw new Error(`${name} is missing`);
  return image;
}
