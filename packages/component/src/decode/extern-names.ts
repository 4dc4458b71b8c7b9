/**
 * Names of imports and exports: `label`, `[constructor]r`, `[method]r.m`, `[static]r.m`, or an interface name such as
 * `wasi:io/poll@0.2.3`.
 */
import { limits } from "./limits.ts";
import { invalid } from "./reader.ts";

export type ExternName =
  | { readonly kind: "label" }
  | { readonly kind: "interface" }
  | { readonly kind: "constructor" | "method" | "static"; readonly resource: string };

const label = /^(?:[a-z][0-9a-z]*|[A-Z][0-9A-Z]*)(?:-(?:[0-9]*[a-z][0-9a-z]*|[0-9]*[A-Z][0-9A-Z]*|[0-9]+))*$/;
const lowercaseLabel = /^[a-z][0-9a-z]*(?:-[0-9a-z]+)*$/;
const number = "(?:0|[1-9][0-9]*)";
const prerelease = `(?:${number}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`;
const semver = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-${prerelease}(?:\\.${prerelease})*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);

/** Insists that `text` is a kebab-case label. */
export function checkLabel(text: string, offset: number): void {
  if (text.length > limits.nameBytes) invalid("name is too long", offset);
  if (!label.test(text)) invalid(`\`${text}\` is not in kebab case`, offset);
}

function parseInterface(text: string, options: { readonly offset: number; readonly partialVersion: boolean }): void {
  const { offset } = options;
  const at = text.indexOf("@");
  const path = at < 0 ? text : text.slice(0, at);
  const parts = path.split(/[:/]/);
  const [namespace = "", packageName = "", interfaceName] = parts;
  const separators = path.replaceAll(/[^:/]/g, "");
  for (const part of parts) checkLabel(part, offset);
  if (separators !== ":/" || !lowercaseLabel.test(namespace) || !lowercaseLabel.test(packageName) || !interfaceName) {
    invalid(`\`${text}\` is not a valid extern name`, offset);
  }
  if (at >= 0 && !options.partialVersion && !semver.test(text.slice(at + 1))) {
    invalid(`\`${text}\` is not a valid extern name: its version is not a semantic version`, offset);
  }
}

/** Parses and checks a name. With `partialVersion` the end of its version was given apart, as an attribute. */
export function parseExternName(text: string, offset: number, partialVersion: boolean): ExternName {
  if (text.length > limits.nameBytes) invalid("name is too long", offset);
  if (text.includes(":")) {
    parseInterface(text, { offset, partialVersion });
    return { kind: "interface" };
  }
  if (!text.startsWith("[")) {
    checkLabel(text, offset);
    return { kind: "label" };
  }
  const bracket = text.indexOf("]");
  const kind = text.slice(1, bracket);
  const rest = text.slice(bracket + 1);
  if (kind === "constructor") {
    checkLabel(rest, offset);
    return { kind, resource: rest };
  }
  if (kind !== "method" && kind !== "static") invalid(`\`${text}\` is not a valid extern name`, offset);
  const dot = rest.indexOf(".");
  if (dot < 0) invalid(`\`${text}\` is not a valid extern name: failed to find \`.\` character`, offset);
  checkLabel(rest.slice(0, dot), offset);
  checkLabel(rest.slice(dot + 1), offset);
  return { kind, resource: rest.slice(0, dot) };
}

/**
 * The form in which names are compared for uniqueness: without case, where a method clashes with a label of the same
 * text, and a member that is named like its resource clashes with the resource.
 */
export function uniquenessKey(text: string, name: ExternName): string {
  const lower = text.toLowerCase();
  if (name.kind === "constructor") return lower;
  const plain = lower.slice(lower.indexOf("]") + 1);
  const [resource, member] = plain.split(".");
  return name.kind !== "interface" && resource === member ? plain.slice(0, plain.indexOf(".")) : plain;
}
