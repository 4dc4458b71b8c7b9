/** WIT results as values. */

export type Ok<T> = { readonly tag: "ok"; readonly val: T };
export type Err<E> = { readonly tag: "err"; readonly val: E };
export type Result<T, E> = Ok<T> | Err<E>;

export function ok<T>(val: T): Ok<T> {
  return { tag: "ok", val };
}

export function err<E>(val: E): Err<E> {
  return { tag: "err", val };
}
