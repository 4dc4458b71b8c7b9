/** 1 to 100 letters, digits, `_` and `-`, not beginning with `-` (spec/service.md §4.4). */
export function isWorkerName(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/u.test(text);
}

/** A component's id: a UUID. */
export function isComponentId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu.test(text);
}
