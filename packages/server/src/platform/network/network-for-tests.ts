import type { Network } from "./network.ts";
import type { NetworkPolicy } from "./policy.ts";
import { parseNetworkRules } from "./policy.ts";
import { systemNetwork } from "./system-network.ts";

/** The system's network; everything is allowed, unless `policy` says otherwise. */
export function openNetwork(policy: Partial<NetworkPolicy> = {}): Network {
  const everything = parseNetworkRules("*");
  return systemNetwork({ outgoing: everything, listening: everything, nameLookup: true, ...policy });
}
