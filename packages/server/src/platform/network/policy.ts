/**
 * What guests may reach, and where they may listen. Rules are separated by commas, the first that fits decides, and what
 * none fits is refused: `!169.254.0.0/16, tcp://10.0.0.0/8:5432, udp://*:53, [fd00::/8]:8000-8999, *:443`.
 */
import type { IpAddress, IpSocketAddress } from "./address.ts";
import { ipAddressOf, isUnspecified, parseAddress, reachedAddress } from "./address.ts";

export type Transport = "tcp" | "udp";

interface AddressRange {
  readonly address: IpAddress;
  readonly prefixBits: number;
}

export interface NetworkRule {
  readonly allows: boolean;
  /** Undefined for both. */
  readonly transport: Transport | undefined;
  /** Undefined for all addresses. */
  readonly range: AddressRange | undefined;
  readonly firstPort: number;
  readonly lastPort: number;
}

export type NetworkRules = readonly NetworkRule[];

/** Where networks of machines tell them who they are and what they may: RFC 3927, and what clouds use beside it. */
const metadataAddresses = ["169.254.0.0/16", "[fe80::/10]", "[fd00:ec2::254]", "100.100.100.200", "168.63.129.16"];

/** Everything but what only the machine itself should ask. */
export const defaultOutgoingRules: string = [...metadataAddresses.map((address) => `!${address}`), "*"].join(",");

const ruleForm =
  /^(?<no>!)?(?:(?<transport>tcp|udp):\/\/)?(?<host>\*|\[[0-9a-f:./]+\]|[0-9./]+)(?::(?<ports>\*|\d+(?:-\d+)?))?$/iu;

/** Throws a TypeError that names the rule. An empty text has no rules. */
export function parseNetworkRules(text: string): NetworkRules {
  return text
    .split(",")
    .map((rule) => rule.trim())
    .filter((rule) => rule !== "")
    .map((rule) => parseRule(rule));
}

function parseRule(rule: string): NetworkRule {
  const found = ruleForm.exec(rule)?.groups;
  if (found === undefined)
    throw new TypeError(`expected [!][tcp://|udp://]ADDRESS[/BITS][:PORT[-PORT]], not "${rule}"`);
  const { no, transport, host = "*", ports = "*" } = found;
  const [first, last = first] = ports === "*" ? [0, 65_535] : ports.split("-").map(Number);
  if (first === undefined || last === undefined || first > last || last > 65_535) {
    throw new TypeError(`"${rule}" has no range of ports from 0 to 65535`);
  }
  return {
    allows: no === undefined,
    transport: transport === undefined ? undefined : (transport.toLowerCase() as Transport),
    range: host === "*" ? undefined : parseRange(rule, host.replace(/^\[|\]$/gu, "")),
    firstPort: first,
    lastPort: last,
  };
}

function parseRange(rule: string, text: string): AddressRange {
  const [addressText = "", bitsText] = text.split("/");
  const address = parseAddress(addressText);
  if (address === undefined) throw new TypeError(`"${rule}" has no IP address`);
  const bitsMax = address.tag === "ipv4" ? 32 : 128;
  const prefixBits = bitsText === undefined ? bitsMax : Number(bitsText);
  if (!/^\d*$/u.test(bitsText ?? "") || prefixBits > bitsMax) {
    throw new TypeError(`"${rule}" has no prefix length from 0 to ${bitsMax}`);
  }
  return { address, prefixBits };
}

function isWithin({ address: range, prefixBits }: AddressRange, address: IpAddress): boolean {
  if (range.tag !== address.tag) return false;
  const partBits = range.tag === "ipv4" ? 8 : 16;
  return range.val.every((part, index) => {
    const significant = Math.min(Math.max(prefixBits - index * partBits, 0), partBits);
    const shift = partBits - significant;
    return part >> shift === (address.val[index] ?? 0) >> shift;
  });
}

function decide(rules: NetworkRules, transport: Transport, address: IpAddress, port: number): boolean {
  const found = rules.find(
    (rule) =>
      (rule.transport ?? transport) === transport &&
      (rule.range === undefined || isWithin(rule.range, address)) &&
      rule.firstPort <= port &&
      port <= rule.lastPort,
  );
  return found?.allows ?? false;
}

export interface NetworkPolicy {
  readonly outgoing: NetworkRules;
  readonly listening: NetworkRules;
  readonly nameLookup: boolean;
}

/**
 * Whether a guest may reach an address. An IPv4 address in an IPv6 one needs leave in both forms, and an unspecified one,
 * which the system takes for this machine, in that of this machine.
 */
export function allowsOutgoing(
  { outgoing }: Pick<NetworkPolicy, "outgoing">,
  transport: Transport,
  address: IpSocketAddress,
): boolean {
  const { port } = address.val;
  const reached = reachedAddress(ipAddressOf(address));
  const local: IpAddress =
    reached.tag === "ipv4" ? { tag: "ipv4", val: [127, 0, 0, 1] } : { tag: "ipv6", val: [0, 0, 0, 0, 0, 0, 0, 1] };
  const forms = [ipAddressOf(address), isUnspecified(reached) ? local : reached];
  return forms.every((form) => decide(outgoing, transport, form, port));
}

/** Whether a guest may take connections or datagrams from anybody at an address of this machine. */
export function allowsListening(
  { listening }: Pick<NetworkPolicy, "listening">,
  transport: Transport,
  address: IpSocketAddress,
): boolean {
  return decide(listening, transport, ipAddressOf(address), address.val.port);
}
