/** The spelling of WIT names in JavaScript values. */

/** `some-field` → `someField`: the name of a record field or flag in JavaScript (jco's convention). */
export function camelCase(name: string): string {
  const [first = "", ...rest] = name.toLowerCase().split("-");
  return first + rest.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
}
