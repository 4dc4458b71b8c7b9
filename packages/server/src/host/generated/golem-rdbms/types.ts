/** Made of packages/sdk/wit/golem-rdbms/types.wit by tools/generate-host-types.ts. */
export type Date = { readonly year: number; readonly month: number; readonly day: number };

export type Time = {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
};

export type Timestamp = { readonly date: Date; readonly time: Time };

export type Timestamptz = { readonly timestamp: Timestamp; readonly offset: number };

export type Timetz = { readonly time: Time; readonly offset: number };

export type Uuid = { readonly highBits: bigint; readonly lowBits: bigint };

export type Ipv4Address = readonly [number, number, number, number];

export type Ipv6Address = readonly [number, number, number, number, number, number, number, number];

export type IpAddress =
  | { readonly tag: "ipv4"; readonly val: Ipv4Address }
  | { readonly tag: "ipv6"; readonly val: Ipv6Address };

export type MacAddress = { readonly octets: readonly [number, number, number, number, number, number] };

/** golem:rdbms/types@0.0.1 */
export interface GolemRdbmsTypes {
  readonly name: "golem:rdbms/types@0.0.1";
  readonly functions: {};
  readonly resources: never;
}
