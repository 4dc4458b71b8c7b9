/** A TypeScript module that calls the workers of one component. */
import type { ComponentJson, FunctionJson, TypeJson } from "@emet/contract/client";
import { camelCase } from "@emet/component/values";
import { NameRegistry, parameterName, pascalCase } from "./names.ts";
import { propertyName, TypeWriter } from "./type-writer.ts";

type Export = ComponentJson["metadata"]["exports"][number];

interface Signature {
  readonly method: string;
  readonly parameters: readonly { readonly name: string; readonly type: string; readonly optional: boolean }[];
  /** What the promise gives. */
  readonly result: string;
  /** The expression of its `FunctionSignature`. */
  readonly descriptor: string;
}

interface Resource {
  readonly name: string;
  readonly className: string;
  readonly functions: FunctionJson[];
}

interface Namespace {
  readonly property: string;
  readonly typeName: string;
  readonly prefix: string | undefined;
  readonly functions: readonly FunctionJson[];
  readonly resources: readonly Resource[];
}

const resourceFunction = /^\[(constructor|method|static|drop|resource-drop)\]([^.]+)(?:\.(.+))?$/u;

/** The module's text, unformatted. */
export function generateComponentClient(component: ComponentJson, className?: string): string {
  return new Generator(component, className).module();
}

class Generator {
  readonly #component: ComponentJson;
  readonly #names = new NameRegistry();
  readonly #className: string;
  readonly #namespaces: readonly Namespace[];
  readonly #root: readonly FunctionJson[];
  readonly #classes = new Map<number, string>();
  readonly #types: TypeWriter;
  readonly #descriptors: string[] = [];

  constructor(component: ComponentJson, className: string | undefined) {
    this.#component = component;
    this.#className = this.#names.unique(className ?? pascalCase(component.componentName));
    const { exports } = component.metadata;
    const properties = new NameRegistry(["worker", "constructor"]);
    this.#namespaces = exports.flatMap((item) => (item.type === "Instance" ? [this.#namespace(item, properties)] : []));
    this.#root = exports.flatMap((item) => (item.type === "Function" ? [item] : []));
    this.#types = new TypeWriter(this.#names, this.#classes);
  }

  module(): string {
    const { componentName, versionedComponentId } = this.#component;
    const namespaces = this.#namespaces.map((namespace) => ({ namespace, ...this.#namespaceCode(namespace) }));
    const root = this.#root.map((item) => this.#signature(item, undefined, 0));
    const classes = namespaces.flatMap(({ resourceClasses }) => resourceClasses);
    const signatures = this.#descriptors.map((text, index) => `const f${index}: FunctionSignature = ${text};`);
    const resourceImport = classes.length === 0 ? "" : "RemoteResource, ";
    const typeImports = [
      "EmetClient",
      ...(signatures.length === 0 ? [] : ["FunctionSignature", "InvocationOptions"]),
      ...(this.#types.descriptions.length === 0 ? [] : ["TypeJson"]),
    ];
    return [
      `/**
 * Typed client of the component ${JSON.stringify(componentName)}, version ${versionedComponentId.version}.
 * Made by \`emet component client\`; changes would be lost when it is made again.
 *
 * Fields are in camelCase; 64-bit integers are bigint, lists of numbers typed arrays, variants \`{ tag, val }\`, options
 * \`T | undefined\`. A function whose result is a WIT \`result\` gives its \`ok\` and throws a \`ResultError\` with its \`err\`.
 */`,
      `import { ${resourceImport}TypedWorker } from "@emet/contract/client";`,
      `import type { ${typeImports.join(", ")} } from "@emet/contract/client";`,
      ...this.#types.declarations,
      ...namespaces.map(({ declaration }) => declaration),
      this.#workerClass(namespaces, root),
      ...classes,
      ...this.#types.descriptions,
      ...signatures,
      `const resources = { ${[...this.#classes].map(([id, name]) => `${id}: ${name}`).join(", ")} };`,
    ]
      .join("\n\n")
      .concat("\n");
  }

  #namespace({ name, functions }: Extract<Export, { type: "Instance" }>, properties: NameRegistry): Namespace {
    const [, packageName = "", interfaceName = name] = /^(?:(.+)\/)?([^/@]+)(?:@.*)?$/u.exec(name) ?? [];
    const short = camelCase(interfaceName);
    const property = properties.unique(short, camelCase(`${packageName.replaceAll(/[^\w-]/gu, "-")}-${interfaceName}`));
    const typeName = this.#names.unique(`${this.#className}${pascalCase(interfaceName)}`);
    const resources = new Map<string, Resource>();
    for (const item of functions) {
      const [, , resource] = resourceFunction.exec(item.name) ?? [];
      if (resource === undefined) continue;
      let known = resources.get(resource);
      if (known === undefined) {
        known = { name: resource, className: this.#names.unique(pascalCase(resource)), functions: [] };
        resources.set(resource, known);
      }
      known.functions.push(item);
      const handle = handleOf(item);
      if (handle !== undefined) this.#classes.set(handle, known.className);
    }
    return {
      property,
      typeName,
      prefix: name,
      functions: functions.filter((item) => !resourceFunction.test(item.name)),
      resources: [...resources.values()],
    };
  }

  #signature(item: FunctionJson, prefix: string | undefined, skipped: number): Signature {
    const [, , , shortName = item.name] = resourceFunction.exec(item.name) ?? [];
    const taken: string[] = [];
    const parameters = item.parameters.slice(skipped).map(({ name, typ }, index, all) => {
      const safe = parameterName(name, taken);
      taken.push(safe);
      // Only what is followed by optional parameters alone can be left out.
      const optional = all.slice(index).every((later) => later.typ.type === "Option");
      return { name: safe, type: this.#types.typescript(typ, [name, `${shortName}-${name}`]), optional };
    });
    const result = resultType(item);
    const descriptor = this.#descriptor(item, prefix, result);
    return {
      method: camelCase(shortName),
      parameters,
      result: result === undefined ? "void" : this.#resultTypescript(result, shortName),
      descriptor,
    };
  }

  #resultTypescript(result: TypeJson, shortName: string): string {
    const hints = [`${shortName}-result`];
    if (result.type !== "Result") return this.#types.typescript(result, hints);
    // The err is thrown; a type for it is declared, for those who catch it.
    if (result.err !== null && result.err !== undefined) this.#types.typescript(result.err, [`${shortName}-error`]);
    return result.ok === null || result.ok === undefined ? "void" : this.#types.typescript(result.ok, hints);
  }

  #descriptor(item: FunctionJson, prefix: string | undefined, result: TypeJson | undefined): string {
    const name = prefix === undefined ? item.name : `${prefix}.{${item.name}}`;
    const parameters = item.parameters.map(({ typ }) => this.#types.description(typ));
    const resultText = result === undefined ? "" : `, result: ${this.#types.description(result)}`;
    const text = `{ name: ${JSON.stringify(name)}, parameters: [${parameters.join(", ")}]${resultText} }`;
    return `f${this.#descriptors.push(text) - 1}`;
  }

  #namespaceCode({ property, typeName, prefix, functions, resources }: Namespace): NamespaceCode {
    const members = functions.map((item) => this.#signature(item, prefix, 0));
    const made = resources.map((resource) => ({ resource, ...this.#resourceCode(resource, prefix) }));
    const factories = made.map(({ resource, factory }) => ({
      type: `  readonly ${propertyName(camelCase(resource.name))}: {\n${factory.map((item) => `  ${methodType(item)}`).join("\n")}\n  };`,
      value: `${propertyName(camelCase(resource.name))}: { ${factory.map(methodValue).join(", ")} }`,
    }));
    const body = [...members.map(methodType), ...factories.map(({ type }) => type)];
    const values = [...members.map(methodValue), ...factories.map(({ value }) => value)];
    return {
      declaration: `/** ${prefix} */\nexport interface ${typeName} {\n${body.join("\n")}\n}`,
      field: `  readonly ${property}: ${typeName};`,
      value: `    this.${property} = {\n${values.map((text) => `      ${text},`).join("\n")}\n    };`,
      resourceClasses: made.map(({ text }) => text),
    };
  }

  /** The class of a resource's handles, and what makes them: constructor and static functions. */
  #resourceCode(resource: Resource, prefix: string | undefined): { text: string; factory: readonly Signature[] } {
    const kindOf = (item: FunctionJson): string => resourceFunction.exec(item.name)?.[1] ?? "";
    const factory = resource.functions
      .filter((item) => ["constructor", "static"].includes(kindOf(item)))
      .map((item) => {
        const signature = this.#signature(item, prefix, 0);
        return kindOf(item) === "constructor"
          ? { ...signature, method: "create", result: resource.className }
          : signature;
      });
    const methods = resource.functions
      .filter((item) => kindOf(item) === "method")
      .map((item) => methodImplementation(this.#signature(item, prefix, 1), ["this"]));
    const dropName = `${prefix === undefined ? "" : `${prefix}.`}{[drop]${resource.name}}`;
    const ids = [...this.#classes].find(([, name]) => name === resource.className);
    const self = this.#types.description({ type: "Handle", resource_id: ids?.[0] ?? 0, mode: "Owned" });
    const drop = `f${this.#descriptors.push(`{ name: ${JSON.stringify(dropName)}, parameters: [${self}] }`) - 1}`;
    const dropMethod = `  /** Removes it from the worker; it can't be used any more. */
  async drop(options?: InvocationOptions): Promise<void> {
    await this.worker.call(${drop}, [this], options);
  }`;
    const text = `/** A \`${resource.name}\` of a worker. */\nexport class ${resource.className} extends RemoteResource {\n${[...methods, dropMethod].join("\n\n")}\n}`;
    return { text, factory };
  }

  #workerClass(namespaces: readonly NamespaceCode[], root: readonly Signature[]): string {
    const { componentName, versionedComponentId } = this.#component;
    return `/** A worker of the component ${JSON.stringify(componentName)}. It comes into being with its first call. */
export class ${this.#className} {
  readonly worker: TypedWorker;
${namespaces.map(({ field }) => field).join("\n")}

  /** Without a worker's name, each call goes to a new worker. */
  constructor(
    client: EmetClient,
    workerName?: string,
    componentId = ${JSON.stringify(versionedComponentId.componentId)},
  ) {
    const worker = new TypedWorker(client, { componentId, workerName }, resources);
    this.worker = worker;
${namespaces.map(({ value }) => value).join("\n")}
  }

${root.map((item) => methodImplementation(item, [])).join("\n\n")}
}`;
  }
}

interface NamespaceCode {
  readonly declaration: string;
  readonly field: string;
  readonly value: string;
  readonly resourceClasses: readonly string[];
}

function handleOf({ name, parameters, results }: FunctionJson): number | undefined {
  const type = name.startsWith("[constructor]")
    ? results[0]?.typ
    : name.startsWith("[static]")
      ? undefined
      : parameters[0]?.typ;
  return type?.type === "Handle" ? type.resource_id : undefined;
}

/** Several results, or one with a name, come as a record. */
function resultType({ results }: FunctionJson): TypeJson | undefined {
  const [first] = results;
  if (first === undefined) return undefined;
  if (results.length === 1 && (first.name === null || first.name === undefined)) return first.typ;
  return { type: "Record", fields: results.map(({ name, typ }, index) => ({ name: name ?? `result-${index}`, typ })) };
}

function parameterList({ parameters }: Signature): string {
  const texts = parameters.map(({ name, type, optional }) => `${name}${optional ? "?" : ""}: ${type}`);
  return [...texts, "options?: InvocationOptions"].join(", ");
}

function methodType(signature: Signature): string {
  return `  readonly ${propertyName(signature.method)}: (${parameterList(signature)}) => Promise<${signature.result}>;`;
}

function argumentNames({ parameters }: Signature): string {
  return parameters.map(({ name }) => name).join(", ");
}

function methodValue(signature: Signature): string {
  const names = [...signature.parameters.map(({ name }) => name), "options"].join(", ");
  return `${propertyName(signature.method)}: (${names}) => worker.call(${signature.descriptor}, [${argumentNames(signature)}], options)`;
}

/** `first` are arguments before those of the caller: the handle, for methods of resources. */
function methodImplementation(signature: Signature, first: readonly string[]): string {
  const args = [...first, ...signature.parameters.map(({ name }) => name)].join(", ");
  return `  async ${propertyName(signature.method)}(${parameterList(signature)}): Promise<${signature.result}> {
    return await this.worker.call(${signature.descriptor}, [${args}], options);
  }`;
}
