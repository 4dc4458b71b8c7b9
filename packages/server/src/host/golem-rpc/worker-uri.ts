/** How golem:rpc 0.1 addresses workers (spec/host-interfaces.md §12.1). */
import { HostTrap } from "../../durability/errors.ts";
import type { WorkerId } from "../../platform/worker-id.ts";

const urn = /^urn:worker:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/([^/]+))?$/iu;

/** The name is undefined when the URI has none. Throws `HostTrap` for what isn't a worker's URI. */
export function parseWorkerUri(uri: string): { readonly componentId: string; readonly workerName: string | undefined } {
  const [, componentId, name] = urn.exec(uri) ?? [];
  if (componentId === undefined) throw invalid(uri);
  return { componentId: componentId.toLowerCase(), workerName: name === undefined ? undefined : decodeName(name, uri) };
}

/** The name is form-url-encoded. */
function decodeName(encoded: string, uri: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll("+", " "));
  } catch {
    throw invalid(uri);
  }
}

function invalid(uri: string): HostTrap {
  return new HostTrap(`Invalid URI: ${uri}. Must be urn:worker:component-id/worker-name`);
}

/** The worker in the URI of a handle; its name is not encoded there. Throws `HostTrap`. */
export function parseHandleUri(uri: string): WorkerId {
  const [, componentId, workerName] = /^urn:worker:([^/]+)\/(.+)$/u.exec(uri) ?? [];
  if (componentId === undefined || workerName === undefined) throw invalid(uri);
  return { componentId, workerName };
}
