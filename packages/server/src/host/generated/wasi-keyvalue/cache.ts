/** Made of packages/sdk/wit/wasi-keyvalue/cache.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type Error = number;

export type FutureExistsResult = number;

export type FutureGetOrSetResult = number;

export type FutureGetResult = number;

export type FutureResult = number;

export type IncomingValue = number;

export type OutgoingValue = number;

export type Pollable = number;

export type Vacancy = number;

export type GetOrSetEntry =
  | { readonly tag: "occupied"; readonly val: IncomingValue }
  | { readonly tag: "vacant"; readonly val: Vacancy };

/** wasi:keyvalue/cache@0.1.0 */
export interface WasiKeyvalueCache {
  readonly name: "wasi:keyvalue/cache@0.1.0";
  readonly functions: {
    readonly "[method]future-get-result.future-get-result-get": (
      self: FutureGetResult,
    ) => Result<IncomingValue | undefined, Error> | undefined;
    readonly "[method]future-get-result.listen-to-future-get-result": (self: FutureGetResult) => Pollable;
    readonly "[method]future-exists-result.future-exists-result-get": (
      self: FutureExistsResult,
    ) => Result<boolean, Error> | undefined;
    readonly "[method]future-exists-result.listen-to-future-exists-result": (self: FutureExistsResult) => Pollable;
    readonly "[method]future-result.future-result-get": (self: FutureResult) => Result<void, Error> | undefined;
    readonly "[method]future-result.listen-to-future-result": (self: FutureResult) => Pollable;
    readonly "[method]future-get-or-set-result.future-get-or-set-result-get": (
      self: FutureGetOrSetResult,
    ) => Result<GetOrSetEntry, Error> | undefined;
    readonly "[method]future-get-or-set-result.listen-to-future-get-or-set-result": (
      self: FutureGetOrSetResult,
    ) => Pollable;
    readonly "[method]vacancy.vacancy-fill": (self: Vacancy, ttlMs: number | undefined) => OutgoingValue;
    readonly get: (k: string) => FutureGetResult;
    readonly exists: (k: string) => FutureExistsResult;
    readonly set: (k: string, v: OutgoingValue, ttlMs: number | undefined) => FutureResult;
    readonly "get-or-set": (k: string) => FutureGetOrSetResult;
    readonly delete: (k: string) => FutureResult;
  };
  readonly resources:
    | "future-get-result"
    | "future-exists-result"
    | "future-result"
    | "future-get-or-set-result"
    | "vacancy";
}
