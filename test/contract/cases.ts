/** What a row of the contract says. */
import type { JsonObject } from "../support/client.ts";

/** A value of the world that rows name. */
export type Value = string | number | Uint8Array;

/** One request and what must come of it. Strings `$name`, and `${name}` within others, stand for values of the world. */
export interface Case {
  readonly it: string;
  /** Where they aren't `$component`, the worker `known`, and version 0. */
  readonly path?: { readonly [parameter: string]: string | number };
  readonly query?: { readonly [parameter: string]: string };
  readonly headers?: { readonly [name: string]: string };
  /** The worker is a new one that was called so many times. */
  readonly calls?: number;
  readonly json?: unknown;
  /** Sent as lines of JSON. */
  readonly lines?: readonly unknown[];
  /** Sent as JSON, which it may not be. */
  readonly text?: string;
  readonly bytes?: string;
  readonly raw?: Uint8Array;
  readonly form?: JsonObject;
  /** 200 if not given. */
  readonly status?: number;
  /** The body, exactly. */
  readonly body?: unknown;
  /** Members that the body has, among others. */
  readonly has?: JsonObject;
  /** What a 500 tells in `golemError.type`. */
  readonly golemError?: string;
  /** What an error's text contains. */
  readonly says?: string;
}

export interface Cases {
  /** By `method path`. */
  readonly [operation: string]: readonly Case[];
}
