/**
 * Makes `packages/server/src/host/generated`: for each interface of `packages/sdk/wit` the TypeScript types of its
 * values, and its functions by canonical name. With `--check` it writes nothing and fails where a file is out of date.
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { camelCase, numberArrays } from "@emet/component";
import type { FunctionType, ValueType } from "@emet/component";
import { format } from "oxfmt";
import type { InterfaceTypes } from "./wit.ts";
import { interfaceTypes } from "./wit.ts";

const target = new URL("../packages/server/src/host/generated/", import.meta.url);

/** What parameters can't be called in TypeScript. */
const reservedWords = new Set(["default", "delete", "function", "in", "new", "this", "typeof", "var", "with"]);

/** The name of a type in TypeScript; WIT's names for it may hold capitals, as `DNS-error-payload` does. */
function pascalCase(name: string): string {
  const camel = camelCase(name);
  return camel.slice(0, 1).toUpperCase() + camel.slice(1);
}

/** Prints the types of one interface. What has a name in it is referred to by that name. */
class TypePrinter {
  readonly #resources: InterfaceTypes["resources"];
  readonly #names: ReadonlyMap<string, string>;
  /** Handles that were printed. */
  readonly handles: Set<string> = new Set();

  constructor({ externs, resources }: InterfaceTypes) {
    this.#resources = resources;
    const names = new Map<string, string>();
    for (const { name, type } of externs) {
      if (type.kind !== "type" || Object.hasOwn(simpleTypes, type.type.kind)) continue;
      const key = JSON.stringify(type.type);
      if (!names.has(key)) names.set(key, pascalCase(name));
    }
    this.#names = names;
  }

  print(type: ValueType): string {
    return this.#names.get(JSON.stringify(type)) ?? this.#structure(type);
  }

  /** The declaration of a named type; undefined for what needs none. */
  declaration(name: string, type: ValueType): string | undefined {
    if (Object.hasOwn(simpleTypes, type.kind)) return undefined;
    const own = this.#names.get(JSON.stringify(type)) === pascalCase(name);
    return `export type ${pascalCase(name)} = ${own ? this.#structure(type) : this.print(type)};`;
  }

  function({ parameters, result }: FunctionType): string {
    const list = parameters.map(({ name, type }) => {
      const camel = camelCase(name);
      return `${reservedWords.has(camel) ? `${camel}_` : camel}: ${this.print(type)}`;
    });
    return `(${list.join(", ")}) => ${result === undefined ? "void" : this.print(result)}`;
  }

  #structure(type: ValueType): string {
    switch (type.kind) {
      case "list":
        return this.#list(type.element);
      case "record":
        return this.#members(type.fields);
      case "flags":
        return this.#members(type.names.map((name) => ({ name, type: { kind: "bool" } })));
      case "tuple":
        return `readonly [${type.items.map((item) => this.print(item)).join(", ")}]`;
      case "variant":
        return type.cases.map((each) => this.#case(each.name, each.type)).join(" | ");
      case "enum":
        return type.cases.map((name) => JSON.stringify(name)).join(" | ");
      case "option":
        return type.some.kind === "option"
          ? `${this.#case("none", undefined)} | ${this.#case("some", type.some)}`
          : `${this.print(type.some)} | undefined`;
      case "result":
        return `Result<${this.#payload(type.ok)}, ${this.#payload(type.err)}>`;
      case "own":
      case "borrow":
        return this.#handle(type.resource);
      default:
        return simpleTypes[type.kind];
    }
  }

  /** Typed arrays come out of the guest; what goes into it may be any array of numbers. */
  #list(element: ValueType): string {
    if (element.kind === "u8") return "Uint8Array";
    const printed = this.print(element);
    return Object.hasOwn(numberArrays, element.kind) ? `ArrayLike<${printed}>` : `readonly (${printed})[]`;
  }

  #members(fields: readonly { readonly name: string; readonly type: ValueType }[]): string {
    const members = fields.map(({ name, type }) => `readonly ${camelCase(name)}: ${this.print(type)};`);
    return `{ ${members.join(" ")} }`;
  }

  #case(name: string, type: ValueType | undefined): string {
    const payload = type === undefined ? "val?: undefined" : `val: ${this.print(type)}`;
    return `{ readonly tag: ${JSON.stringify(name)}; readonly ${payload} }`;
  }

  #payload(type: ValueType | undefined): string {
    return type === undefined ? "void" : this.print(type);
  }

  #handle(resource: number): string {
    const name = pascalCase(this.#resources[resource]?.name ?? "");
    this.handles.add(name);
    return name;
  }
}

const simpleTypes = {
  bool: "boolean",
  u8: "number",
  u16: "number",
  u32: "number",
  u64: "bigint",
  s8: "number",
  s16: "number",
  s32: "number",
  s64: "bigint",
  f32: "number",
  f64: "number",
  char: "string",
  string: "string",
} as const;

/** `wasi:io/poll@0.2.0` → `WasiIoPoll` */
function interfaceName(name: string): string {
  return pascalCase(name.replace(/@.*$/u, "").replaceAll(/[:/]/gu, "-"));
}

/** The TypeScript file of an interface. */
function printInterface(item: InterfaceTypes): string {
  const printer = new TypePrinter(item);
  const declarations = item.externs.flatMap(({ name, type }) =>
    type.kind === "type" ? [printer.declaration(name, type.type)] : [],
  );
  const functions = item.externs.flatMap(({ name, type }) =>
    type.kind === "function" ? [`readonly ${JSON.stringify(name)}: ${printer.function(type.type)};`] : [],
  );
  const own = item.resources.filter((resource) => resource.own).map(({ name }) => JSON.stringify(name));
  const body = [
    ...Array.from(printer.handles, (name) => `export type ${name} = number;`).toSorted(),
    ...declarations.filter((declaration) => declaration !== undefined),
    `/** ${item.name} */
export interface ${interfaceName(item.name)} {
  readonly name: ${JSON.stringify(item.name)};
  readonly functions: { ${functions.join("\n")} };
  readonly resources: ${own.length === 0 ? "never" : own.join(" | ")};
}`,
  ].join("\n\n");
  const heading = `/** Made of packages/sdk/wit/${item.path}.wit by tools/generate-host-types.ts. */`;
  const result = /\bResult</u.test(body) ? `import type { Result } from "../../results.ts";\n\n` : "";
  return `${heading}\n${result}${body}\n`;
}

const files = new Map<string, string>();
for (const item of await interfaceTypes()) {
  const name = `${item.path}.ts`;
  const { code, errors } = await format(name, printInterface(item), { printWidth: 120 });
  if (errors.length > 0) throw new Error(`Can't format the types of ${item.name}: ${errors[0]?.message}`);
  files.set(name, code);
}

const present = (await readdir(target, { recursive: true }).catch(() => [])).filter((name) => name.endsWith(".ts"));
const stale = present.filter((name) => !files.has(name));
const changed: string[] = [];
for (const [name, text] of files) {
  if (!present.includes(name) || (await readFile(new URL(name, target), "utf8")) !== text) changed.push(name);
}

if (process.argv.includes("--check")) {
  for (const name of [...changed, ...stale]) console.error(`packages/server/src/host/generated/${name} is out of date`);
  if (changed.length + stale.length > 0) process.exitCode = 1;
} else {
  for (const name of stale) await rm(new URL(name, target));
  for (const name of changed) {
    await mkdir(new URL(".", new URL(name, target)), { recursive: true });
    await writeFile(new URL(name, target), files.get(name) ?? "");
  }
}
