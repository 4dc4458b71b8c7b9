/** Names of generated code. */
import { camelCase } from "@emet/component/values";

/** Words that can't be names of variables or parameters in a module. */
const reserved = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof undefined var void while with yield options"
  ).split(" "),
);

/** Names of types that mean something else already. */
const takenTypes = [
  ..."Array Promise Error Map Set Object String Number Boolean Symbol BigInt Function Date Record Request Response".split(
    " ",
  ),
  ..."Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array BigUint64Array BigInt64Array".split(" "),
  ..."Float32Array Float64Array".split(" "),
  ..."EmetClient InvocationOptions RemoteResource TypedWorker TypeJson FunctionSignature".split(" "),
];

/** `add-item` → `AddItem`. */
export function pascalCase(name: string): string {
  const camel = camelCase(name.replaceAll(/[^A-Za-z0-9-]+/gu, "-").replace(/^-+|-+$/gu, ""));
  const pascal = camel.slice(0, 1).toUpperCase() + camel.slice(1);
  return /^[A-Z]/u.test(pascal) ? pascal : `Component${pascal}`;
}

/** The name of a parameter; `taken` are those before it. */
export function parameterName(name: string, taken: readonly string[]): string {
  const camel = camelCase(name);
  const safe = reserved.has(camel) ? `${camel}_` : camel;
  return taken.includes(safe) ? `${safe}${taken.length}` : safe;
}

/** Gives each name once; what comes later gets a number. */
export class NameRegistry {
  readonly #taken: Set<string>;

  constructor(taken: readonly string[] = takenTypes) {
    this.#taken = new Set(taken);
  }

  unique(...candidates: readonly string[]): string {
    const [first = "T"] = candidates;
    const free = candidates.find((name) => !this.#taken.has(name));
    let name = free ?? first;
    for (let count = 2; this.#taken.has(name); count++) name = `${first}${count}`;
    this.#taken.add(name);
    return name;
  }
}
