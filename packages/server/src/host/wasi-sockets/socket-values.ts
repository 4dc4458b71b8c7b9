/** What the sockets' records are made of, and the checks that all addresses undergo. */
import { enumeration, option, record, result, tuple, u16, u32, u8, variant } from "../../durability/codec/schema.ts";
import type { Schema } from "../../durability/codec/schema.ts";
import type { IpAddress, IpAddressFamily, IpSocketAddress } from "../../platform/network/address.ts";
import { ipAddressOf, isIpv4Mapped, isUnicast, isUnspecified } from "../../platform/network/address.ts";
import type { NetworkErrorCode } from "../../platform/network/network.ts";
import { NetworkError, networkErrorCodes } from "../../platform/network/network.ts";
import { networkErrorCode } from "../../platform/network/network-error.ts";
import type { MaybePromise } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import { StreamFailure } from "../wasi-io/streams.ts";

export const errorCode: Schema<NetworkErrorCode> = enumeration(...networkErrorCodes);

const four = { type: { kind: "tuple", items: [u8.type, u8.type, u8.type, u8.type] } } as const;
const group = u16.type;
const eight = { type: { kind: "tuple", items: [group, group, group, group, group, group, group, group] } } as const;

export const ipAddress = variant({ ipv4: four, ipv6: eight }) as Schema<IpAddress>;

export const ipSocketAddress = variant({
  ipv4: record({ port: u16, address: four }),
  ipv6: record({ port: u16, flowInfo: u32, address: eight, scopeId: u32 }),
}) as Schema<IpSocketAddress>;

export const optionalAddress: Schema<IpSocketAddress | undefined> = option(ipSocketAddress);

/** The ends of a connection: local and remote. */
export const connectionEnds: Schema<readonly [IpSocketAddress, IpSocketAddress]> = tuple(
  ipSocketAddress,
  ipSocketAddress,
);

/** `result<_, error-code>` */
export const success = result(undefined, errorCode) as Schema<Result<undefined, NetworkErrorCode>>;

/** `result<T, error-code>` */
export function outcome<T>(value: Schema<T>): Schema<Result<T, NetworkErrorCode>> {
  return result(value, errorCode);
}

const savedNetwork = savedKind<undefined>("network", () => new NetworkHandle());

/** wasi:sockets/network's resource. There is one network; what may be done with it is the server's policy. */
export class NetworkHandle extends HostObject {
  override save(): SavedObject {
    return savedNetwork(undefined);
  }
}

/** A stream that failed, with the code that network-error-code gives. */
export class SocketFailure extends StreamFailure {
  readonly code: NetworkErrorCode;

  constructor(code: NetworkErrorCode) {
    super(code);
    this.code = code;
  }
}

/** Runs what throws `NetworkError`; the guest gets its code. Anything else is thrown on. */
export function attempt<T>(operation: () => T): Result<T, NetworkErrorCode> {
  try {
    return ok(operation());
  } catch (error) {
    return refusal(error);
  }
}

/** The same for what may wait. */
export function attemptWaiting<T>(operation: () => MaybePromise<T>): MaybePromise<Result<T, NetworkErrorCode>> {
  try {
    const value = operation();
    return value instanceof Promise ? value.then(ok, refusal) : ok(value);
  } catch (error) {
    return refusal(error);
  }
}

function refusal(error: unknown): Result<never, NetworkErrorCode> {
  if (error instanceof NetworkError) return err(networkErrorCode(error));
  throw error;
}

/** The other way round: the value, or its code thrown. */
export function valueOf<T>(recorded: Result<T, NetworkErrorCode>): T {
  if (recorded.tag === "ok") return recorded.val;
  throw new NetworkError(recorded.val);
}

export function refuse(code: NetworkErrorCode): never {
  throw new NetworkError(code);
}

export function checkPositive(value: bigint | number): void {
  if (value <= 0) refuse("invalid-argument");
}

/** Throws `NetworkError` for what can't be bound to whatever the machine. */
export function checkLocal(family: IpAddressFamily, local: IpSocketAddress): void {
  const address = ipAddressOf(local);
  if (local.tag !== family || !isUnicast(address) || isIpv4Mapped(address)) refuse("invalid-argument");
}

/** Throws `NetworkError` for what can't be reached whatever the network. */
export function checkRemote(family: IpAddressFamily, remote: IpSocketAddress): void {
  checkLocal(family, remote);
  if (isUnspecified(ipAddressOf(remote)) || remote.val.port === 0) refuse("invalid-argument");
}
