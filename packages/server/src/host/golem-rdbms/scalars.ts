/** Values that have a notation of their own in SQL. */
import type { IpAddress, MacAddress, Uuid } from "../generated/golem-rdbms/types.ts";
import { unrepresentable } from "./temporal.ts";

/** `String` would lose the sign of zero. */
export function floatText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

export function bitsOf(text: string): readonly boolean[] {
  return Array.from(text, (digit) => digit === "1");
}

export function bitText(bits: readonly boolean[]): string {
  return bits.map((bit) => (bit ? "1" : "0")).join("");
}

export function parseBytea(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), "hex"));
}

export function formatBytea(bytes: Uint8Array): string {
  return String.raw`\x${Buffer.from(bytes).toString("hex")}`;
}

export function parseUuid(text: string): Uuid {
  const digits = text.replaceAll("-", "");
  return { highBits: BigInt(`0x${digits.slice(0, 16)}`), lowBits: BigInt(`0x${digits.slice(16)}`) };
}

export function formatUuid({ highBits, lowBits }: Uuid): string {
  const digits = [highBits, lowBits].map((bits) => bits.toString(16).padStart(16, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/u, "$1-$2-$3-$4-");
}

type Octets = readonly [number, number, number, number];
type Groups = readonly [number, number, number, number, number, number, number, number];

function parseIpv6(text: string): readonly number[] {
  // The last two groups may be written as an IPv4 address.
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/u, (_all, ...octets: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = octets.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = "", tail] = plain.split("::");
  const groups = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const [first, last] = [groups(head), groups(tail ?? "")];
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...Array.from({ length: Math.max(0, zeros) }, () => 0), ...last];
}

/** The WIT type has no place for the length of a network's prefix. */
export function parseIp(text: string): IpAddress {
  const [address = ""] = text.split("/");
  if (!address.includes(":")) return { tag: "ipv4", val: address.split(".").map(Number) as unknown as Octets };
  const groups = parseIpv6(address);
  if (groups.length !== 8) throw unrepresentable("inet", text);
  return { tag: "ipv6", val: groups as unknown as Groups };
}

export function formatIp(address: IpAddress): string {
  if (address.tag === "ipv4") return address.val.join(".");
  return address.val.map((group) => group.toString(16)).join(":");
}

export function parseMac(text: string): MacAddress {
  return { octets: text.split(":").map((octet) => Number.parseInt(octet, 16)) as unknown as MacAddress["octets"] };
}

export function formatMac({ octets }: MacAddress): string {
  return octets.map((octet) => octet.toString(16).padStart(2, "0")).join(":");
}

/** Cents: `-$1,234.50` is -123450. */
export function parseMoney(text: string): bigint {
  const digits = BigInt(text.replaceAll(/[^\d]/gu, ""));
  return /[-(]/u.test(text) ? -digits : digits;
}

export function formatMoney(cents: bigint): string {
  const sign = cents < 0n ? "-" : "";
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, "0");
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** PostgreSQL's `"char"` is a byte; those that are no ASCII it writes in octal. */
export function parseChar(text: string): number {
  const [, octal] = /^\\([0-7]{3})$/u.exec(text) ?? [];
  const byte = octal === undefined ? (Buffer.from(text)[0] ?? 0) : Number.parseInt(octal, 8);
  return byte > 127 ? byte - 256 : byte;
}

export function formatChar(byte: number): string {
  if (byte < 0) return String.raw`\${(byte + 256).toString(8)}`;
  return byte === 0 ? "" : String.fromCharCode(byte);
}

export interface Interval {
  readonly months: number;
  readonly days: number;
  readonly microseconds: bigint;
}

const intervalPattern =
  /^P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(?:\.(\d{1,6}))?S)?)?$/u;

/** ISO 8601, to which the session's `IntervalStyle` is set. */
export function parseInterval(text: string): Interval {
  const parts = intervalPattern.exec(text);
  if (parts === null) throw unrepresentable("interval", text);
  const [years, months, weeks, days, hours, minutes] = parts.slice(1, 7).map((part: string | undefined) => part ?? "0");
  const [sign, seconds = "0", fraction = ""] = parts.slice(7);
  const ofSecond = BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
  const wholeMinutes = BigInt(hours ?? 0) * 60n + BigInt(minutes ?? 0);
  return {
    months: Number(years) * 12 + Number(months),
    days: Number(weeks) * 7 + Number(days),
    microseconds: wholeMinutes * 60_000_000n + (sign === "-" ? -ofSecond : ofSecond),
  };
}

export function formatInterval({ months, days, microseconds }: Interval): string {
  return `${months} months ${days} days ${microseconds} microseconds`;
}
