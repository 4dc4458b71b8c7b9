/** Components that are likely to be called soon are read while the server starts: the first calls needn't wait for it. */
import type { ComponentService } from "./component-service.ts";

/** More take the main thread for too long. */
const componentsMax = 16;
const componentBytesMax = 2 * 1024 * 1024;
const bytesMax = 8 * 1024 * 1024;

/** The newest ones that aren't large. What fails here fails once more where it is needed. */
export async function readComponents(components: Pick<ComponentService, "list" | "image">): Promise<void> {
  const all = await components.list(undefined).catch(() => []);
  const newest = all
    .filter(({ componentSize }) => componentSize <= componentBytesMax)
    .sort((left, right) => right.createdAtMs - left.createdAtMs);
  let bytes = 0;
  for (const { componentId, version, componentSize } of newest.slice(0, componentsMax)) {
    bytes += componentSize;
    if (bytes > bytesMax) return;
    await components.image(componentId, version).catch(() => undefined);
  }
}
