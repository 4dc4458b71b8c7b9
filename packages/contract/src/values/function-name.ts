/** The names by which clients call functions (spec/service.md §4.3). */

/** `interface` is undefined for functions exported at the root. `arguments` is the WAVE text between the parentheses. */
export interface FunctionName {
  readonly interface: string | undefined;
  readonly function:
    | { readonly kind: "function"; readonly name: string }
    | { readonly kind: "constructor"; readonly resource: string; readonly arguments?: string }
    | { readonly kind: "drop"; readonly resource: string; readonly arguments?: string }
    /** A method, or a static function where no such method exists. */
    | { readonly kind: "method"; readonly resource: string; readonly name: string; readonly arguments?: string }
    | { readonly kind: "static"; readonly resource: string; readonly name: string };
}

/** The name doesn't follow the grammar. */
export class FunctionNameError extends Error {
  override readonly name = "FunctionNameError";
}

const label = "[a-zA-Z][a-zA-Z0-9]*(?:-[a-zA-Z0-9]+)*";
const interfacePattern = new RegExp(`^(?:(?:${label}:)+(?:${label}/)+)?${label}(?:@[0-9A-Za-z.+-]+)?$`, "u");
const labelPattern = new RegExp(`^${label}$`, "u");
const canonicalPattern = new RegExp(
  `^\\[(constructor|method|static|drop|resource-drop)\\](${label})(?:\\.(${label}))?$`,
  "u",
);
const resourcePattern = new RegExp(`^(${label})(?:\\((.*)\\))?\\.(${label})$`, "su");

/** Throws `FunctionNameError`. */
export function parseFunctionName(text: string): FunctionName {
  const open = text.indexOf("{");
  if (open < 0) {
    if (!labelPattern.test(text)) throw new FunctionNameError(`Invalid function name: "${text}"`);
    return { interface: undefined, function: { kind: "function", name: text } };
  }
  const interfaceName = text.slice(0, open - 1);
  // Some clients write functions at the root as if they were in an interface of this name.
  const isRoot = interfaceName === "golem:component";
  const wellFormed = text.endsWith("}") && text[open - 1] === "." && (isRoot || interfacePattern.test(interfaceName));
  if (!wellFormed) throw new FunctionNameError(`Invalid function name: "${text}"`);
  const parsed = parseFunctionReference(text.slice(open + 1, -1), text);
  return { interface: isRoot ? undefined : interfaceName, function: parsed };
}

function parseFunctionReference(reference: string, text: string): FunctionName["function"] {
  if (labelPattern.test(reference)) return { kind: "function", name: reference };
  const canonical = canonicalPattern.exec(reference);
  if (canonical !== null) return fromCanonical(canonical, text);
  const [, resource, argumentsText, name] = resourcePattern.exec(reference) ?? [];
  if (resource === undefined || name === undefined) throw new FunctionNameError(`Invalid function name: "${text}"`);
  const indexed = argumentsText === undefined ? {} : { arguments: argumentsText };
  if (name === "new") return { kind: "constructor", resource, ...indexed };
  if (name === "drop") return { kind: "drop", resource, ...indexed };
  return { kind: "method", resource, name, ...indexed };
}

function fromCanonical(match: RegExpExecArray, text: string): FunctionName["function"] {
  const [, kind, resource = "", name] = match;
  if (kind === "constructor" && name === undefined) return { kind, resource };
  if ((kind === "drop" || kind === "resource-drop") && name === undefined) return { kind: "drop", resource };
  if ((kind === "method" || kind === "static") && name !== undefined) return { kind, resource, name };
  throw new FunctionNameError(`Invalid function name: "${text}"`);
}
