/** IP addresses as numbers and as text. Their form is that of wasi:sockets. */
import { isIPv4, isIPv6 } from "node:net";

export type IpAddressFamily = "ipv4" | "ipv6";

export type Ipv4Address = readonly [number, number, number, number];
export type Ipv6Address = readonly [number, number, number, number, number, number, number, number];

export type IpAddress =
  | { readonly tag: "ipv4"; readonly val: Ipv4Address }
  | { readonly tag: "ipv6"; readonly val: Ipv6Address };

export type IpSocketAddress =
  | { readonly tag: "ipv4"; readonly val: { readonly port: number; readonly address: Ipv4Address } }
  | {
      readonly tag: "ipv6";
      readonly val: {
        readonly port: number;
        readonly flowInfo: number;
        readonly address: Ipv6Address;
        readonly scopeId: number;
      };
    };

/** The address without its port. */
export function ipAddressOf(address: IpSocketAddress): IpAddress {
  return address.tag === "ipv4" ? { tag: "ipv4", val: address.val.address } : { tag: "ipv6", val: address.val.address };
}

export function withPort(address: IpSocketAddress, port: number): IpSocketAddress {
  return address.tag === "ipv4"
    ? { tag: "ipv4", val: { ...address.val, port } }
    : { tag: "ipv6", val: { ...address.val, port } };
}

export function socketAddress(address: IpAddress, port: number, scopeId = 0): IpSocketAddress {
  return address.tag === "ipv4"
    ? { tag: "ipv4", val: { port, address: address.val } }
    : { tag: "ipv6", val: { port, flowInfo: 0, address: address.val, scopeId } };
}

export function addressText(address: IpAddress): string {
  return address.tag === "ipv4" ? address.val.join(".") : address.val.map((group) => group.toString(16)).join(":");
}

/** As the system takes it: with the zone, where it matters. */
export function hostText(address: IpSocketAddress): string {
  const text = addressText(ipAddressOf(address));
  return address.tag === "ipv6" && address.val.scopeId !== 0 ? `${text}%${address.val.scopeId}` : text;
}

/** The same text for the same address and port. */
export function socketAddressText(address: IpSocketAddress): string {
  return `${hostText(address)} ${address.val.port}`;
}

function groups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

/** Undefined for what is no address. A zone is left out. */
export function parseAddress(text: string): IpAddress | undefined {
  const [plain = ""] = text.split("%");
  if (isIPv4(plain)) {
    const [a = 0, b = 0, c = 0, d = 0] = plain.split(".").map(Number);
    return { tag: "ipv4", val: [a, b, c, d] };
  }
  if (!isIPv6(plain)) return undefined;
  const hexadecimal = plain.replace(/[\d.]+\.[\d.]+$/u, (dotted) => {
    const [a = 0, b = 0, c = 0, d = 0] = dotted.split(".").map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = "", tail] = hexadecimal.split("::");
  const first = groups(head);
  const last = groups(tail ?? "");
  const all = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = all;
  return { tag: "ipv6", val: [a, b, c, d, e, f, g, h] };
}

export function isUnspecified({ val }: IpAddress): boolean {
  return val.every((part) => part === 0);
}

/** Multicast, and IPv4's broadcast. */
export function isUnicast(address: IpAddress): boolean {
  const [first] = address.val;
  if (address.tag === "ipv6") return first < 0xff00;
  return !(first >= 224 && first <= 239) && !address.val.every((part) => part === 255);
}

function embedded(address: Ipv6Address): IpAddress {
  const [high, low] = address.slice(6);
  return { tag: "ipv4", val: [(high ?? 0) >> 8, (high ?? 0) & 255, (low ?? 0) >> 8, (low ?? 0) & 255] };
}

export function isIpv4Mapped({ tag, val }: IpAddress): boolean {
  return tag === "ipv6" && val.slice(0, 5).every((group) => group === 0) && val[5] === 0xffff;
}

/** The IPv4 address that packets to `address` come to in the end: mapped, or behind a translator (RFC 6052). */
export function reachedAddress(address: IpAddress): IpAddress {
  if (address.tag === "ipv4") return address;
  const translated = [0x64, 0xff9b, 0, 0, 0, 0].every((group, index) => address.val[index] === group);
  return translated || isIpv4Mapped(address) ? embedded(address.val) : address;
}
