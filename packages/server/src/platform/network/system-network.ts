/** The network of this machine. */
import { lookup } from "node:dns/promises";
import { domainToASCII } from "node:url";
import { parseAddress } from "./address.ts";
import { networkError } from "./network-error.ts";
import type { Network } from "./network.ts";
import { NetworkError } from "./network.ts";
import type { NetworkPolicy } from "./policy.ts";
import { connectTcp, findFreeTcp, listenTcp } from "./tcp.ts";
import { bindUdp } from "./udp.ts";

const nameCharactersMax = 253;

async function lookUp(name: string): ReturnType<Network["lookup"]> {
  const literal = parseAddress(name);
  if (literal !== undefined) return name.includes("%") ? invalidName() : [literal];
  // A name of digits alone would be taken for an address in one of its old forms.
  const ascii = domainToASCII(name);
  if (ascii === "" || ascii.length > nameCharactersMax || parseAddress(ascii) !== undefined) return invalidName();
  try {
    const found = await lookup(ascii, { all: true, order: "verbatim" });
    return found.map(({ address }) => parseAddress(address)).filter((address) => address !== undefined);
  } catch (error) {
    const known = networkError(error);
    throw known.code === "unknown" ? new NetworkError("permanent-resolver-failure", error) : known;
  }
}

function invalidName(): never {
  throw new NetworkError("invalid-argument");
}

export function systemNetwork(policy: NetworkPolicy): Network {
  return { policy, lookup: lookUp, findFree: findFreeTcp, connect: connectTcp, listen: listenTcp, bindUdp };
}
