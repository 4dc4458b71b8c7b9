/** Requests go only where the rules for guests' connections let them: addresses are looked at when they are known. */
import { lookup as lookupName } from "node:dns";
import type { LookupAddress } from "node:dns";
import { isIP } from "node:net";
import type { LookupFunction } from "node:net";
import { parseAddress, socketAddress } from "../network/address.ts";
import type { NetworkPolicy } from "../network/policy.ts";
import { allowsOutgoing } from "../network/policy.ts";

export type OutgoingPolicy = Pick<NetworkPolicy, "outgoing">;

function isAllowed(policy: OutgoingPolicy, address: string, port: number): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && allowsOutgoing(policy, "tcp", socketAddress(parsed, port));
}

function refused(host: string, port: number): Error {
  return Object.assign(new Error(`${host}:${port} is not an address that guests may reach`), { code: "EACCES" });
}

/** Why a host that is an address may not be reached; names are looked up first. */
export function refusalOf(policy: OutgoingPolicy, host: string, port: number): Error | undefined {
  return isIP(host) === 0 || isAllowed(policy, host, port) ? undefined : refused(host, port);
}

/** Gives the addresses of a name that may be reached at `port`, and an error when there are none. */
export function guardedLookup(policy: OutgoingPolicy, port: number): LookupFunction {
  return (host, options, callback) => {
    lookupName(host, { ...options, all: true }, (error, addresses: readonly LookupAddress[]) => {
      const allowed = error === null ? addresses.filter(({ address }) => isAllowed(policy, address, port)) : [];
      const [first] = allowed;
      if (error !== null) callback(error, []);
      else if (first === undefined) callback(refused(host, port), []);
      else if (options.all === true) callback(null, [...allowed]);
      else callback(null, first.address, first.family);
    });
  };
}
