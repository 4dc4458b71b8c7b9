/** Functions of a component: found by loosely written names, described as people write them. */
import { formatType } from "@emet/component/values";
import { typeFromJson } from "@emet/contract/client";
import type { ComponentJson, FunctionJson, TypeJson } from "@emet/contract/client";
import { usageError } from "./failure.ts";
import { nearest } from "./nearest.ts";

/** A function as it is to be called. */
export interface FoundFunction {
  /** What the server takes: `ns:pkg/interface.{function}`. */
  readonly fullName: string;
  readonly shortName: string;
  /** Those that the caller gives: an indexed resource's handle isn't among them. */
  readonly parameters: FunctionJson["parameters"];
  readonly results: FunctionJson["results"];
  /** Of the component, for its types. */
  readonly resources: ResourceNames;
}

/** Resources by the number that types have for them. */
type ResourceNames = ReadonlyMap<number, string>;

interface Known extends FoundFunction {
  readonly interface: string | undefined;
  readonly isMethod: boolean;
}

const resourceFunction = /^\[(constructor|method|static|drop|resource-drop)\]([^.]+)(?:\.(.+))?$/u;

/** `[method]cart.add` is `cart.add`, `[constructor]cart` is `cart.new`. */
function shortName(name: string): string {
  const [, kind, resource = "", method = ""] = resourceFunction.exec(name) ?? [];
  if (kind === undefined) return name;
  if (kind === "constructor") return `${resource}.new`;
  return kind === "method" || kind === "static" ? `${resource}.${method}` : `${resource}.drop`;
}

/** Constructors tell which number is which resource. */
function resourceNames(component: ComponentJson): ResourceNames {
  const functions = component.metadata.exports.flatMap((item) => (item.type === "Function" ? [] : item.functions));
  return new Map(
    functions.flatMap(({ name, parameters, results }) => {
      const [, kind, resource = ""] = resourceFunction.exec(name) ?? [];
      if (kind === undefined || kind === "static") return [];
      const type = kind === "constructor" ? results[0]?.typ : parameters[0]?.typ;
      return type?.type === "Handle" ? [[type.resource_id, resource] as const] : [];
    }),
  );
}

function knownFunction(item: FunctionJson, owner: string | undefined, resources: ResourceNames): Known {
  const fullName = owner === undefined ? item.name : `${owner}.{${item.name}}`;
  const { parameters, results } = item;
  const isMethod = /^\[(?:method|drop|resource-drop)\]/u.test(item.name);
  return { fullName, shortName: shortName(item.name), interface: owner, parameters, results, resources, isMethod };
}

/** All functions, in the order of the exports. */
export function functionsOf(component: ComponentJson): readonly Known[] {
  const resources = resourceNames(component);
  return component.metadata.exports.flatMap((item) =>
    item.type === "Function"
      ? [knownFunction(item, undefined, resources)]
      : item.functions.map((each) => knownFunction(each, item.name, resources)),
  );
}

/** A name in one spelling: kebab-case, without braces, versions and the difference between `/` and `.`. */
function normalized(name: string): string {
  return name
    .replaceAll(/@\d+(?:\.\d+)*(?:[-+][0-9A-Za-z+-]+(?:\.\d+)*)?/gu, "")
    .replaceAll(/[{}]/gu, "")
    .replaceAll(/\[(?:method|static)\]/gu, "")
    .replace(/\[constructor\]([\w-]+)$/u, "$1.new")
    .replace(/\[(?:drop|resource-drop)\]([\w-]+)$/u, "$1.drop")
    .replaceAll(/([a-z0-9])([A-Z])/gu, "$1-$2")
    .replaceAll(/[_/]/gu, (sign) => (sign === "/" ? "." : "-"))
    .toLowerCase();
}

/** Every way to write a function, from the whole name to the shortest. */
function spellings({ interface: owner, shortName: short }: Known): readonly string[] {
  if (owner === undefined) return [normalized(short), `golem:component.${normalized(short)}`];
  const [, bare = owner] = /\/([^/]+)$/u.exec(owner) ?? [];
  return [short, `${bare}.${short}`, `${owner}.${short}`].map(normalized);
}

/** The arguments of an indexed resource, and the name without them. */
function splitIndexed(text: string): { readonly name: string; readonly index: string | undefined } {
  const [, before, index, after] = /^([^(]+)\((.*)\)(\.[^)]*)$/su.exec(text) ?? [];
  if (before === undefined || after === undefined) return { name: text, index: undefined };
  return { name: before + after, index };
}

/** The function that `text` names. An error tells which it may have meant, or which of several it can be. */
export function findFunction(component: ComponentJson, text: string): FoundFunction {
  const { name, index } = splitIndexed(text);
  const wanted = normalized(name);
  const known = functionsOf(component);
  const exact = known.filter((item) => item.fullName === name);
  const matches = exact.length > 0 ? exact : known.filter((item) => spellings(item).includes(wanted));
  const [match] = matches;
  if (matches.length > 1) {
    const choices = matches.map((item) => `  ${item.fullName}`).join("\n");
    throw usageError(`"${text}" can be any of several functions of ${component.componentName}:\n${choices}`);
  }
  if (match !== undefined) return index === undefined ? match : indexedFunction(match, index);
  const drop = resourceDrop(known, wanted);
  if (drop !== undefined) return index === undefined ? drop : indexedFunction(drop, index);
  throw usageError(`no function "${text}"${meant(known, wanted)}`);
}

function meant(known: readonly Known[], wanted: string): string {
  const closest = nearest(
    wanted,
    known.flatMap((item) => spellings(item)),
  );
  const item = known.find((each) => closest !== undefined && spellings(each).includes(closest));
  if (item !== undefined) return `; did you mean ${signatureOf(item)}?`;
  if (known.length === 0) return "; the component exports none";
  return `; there are:\n${known.map((each) => `  ${signatureOf(each)}`).join("\n")}`;
}

/** Every resource can be dropped, though no export says so. */
function resourceDrop(known: readonly Known[], wanted: string): Known | undefined {
  for (const item of known) {
    const [, resource] = /^(.+)\.new$/u.exec(item.shortName) ?? [];
    const [result] = item.results;
    if (resource === undefined || result === undefined) continue;
    const short = `${resource}.drop`;
    const owner = item.interface === undefined ? "" : `${item.interface}.`;
    const parameters = [{ name: "self", typ: result.typ }];
    const drop = {
      ...item,
      fullName: `${owner}{[drop]${resource}}`,
      shortName: short,
      parameters,
      results: [],
      isMethod: true,
    };
    if (spellings(drop).includes(wanted)) return drop;
  }
  return undefined;
}

/** `counter("c1").inc-by`: the server finds the instance, so that the caller gives no handle. */
function indexedFunction(item: Known, index: string): FoundFunction {
  const [resource = "", method = ""] = item.shortName.split(".");
  const owner = item.interface === undefined ? "" : `${item.interface}.`;
  return {
    fullName: `${owner}{${resource}(${index}).${method}}`,
    shortName: `${resource}(${index}).${method}`,
    parameters: item.isMethod ? item.parameters.slice(1) : item.shortName.endsWith(".new") ? [] : item.parameters,
    results: item.results,
    resources: item.resources,
  };
}

/** WIT's text of a type, with the braces of WAVE around what has no name: `{id: string, qty: u32}`. */
export function typeText(type: TypeJson, resources: ResourceNames = new Map()): string {
  return formatType(typeFromJson(type), (id) => resources.get(id) ?? `resource${id}`)
    .replaceAll("record { ", "{")
    .replaceAll(/\b(variant|enum|flags) \{ /gu, "$1 {")
    .replaceAll(" }", "}");
}

/** `add-item(item: {id: string, qty: u32}) -> u64`. */
export function signatureOf({ shortName: name, parameters, results, resources }: FoundFunction): string {
  const list = parameters.map((parameter) => `${parameter.name}: ${typeText(parameter.typ, resources)}`).join(", ");
  return `${name}(${list})${resultText(results, resources)}`;
}

/** As §11.2 of the specification writes exports: `ns:pkg/iface.{fn}(a: string) -> u64`. */
export function exportTexts(component: ComponentJson): readonly string[] {
  return functionsOf(component).map((item) => signatureOf({ ...item, shortName: item.fullName }));
}

function resultText(results: FunctionJson["results"], resources: ResourceNames): string {
  const [first] = results;
  if (first === undefined) return "";
  if (results.length === 1 && (first.name ?? null) === null) return ` -> ${typeText(first.typ, resources)}`;
  return ` -> (${results.map(({ name, typ }) => `${name ?? "_"}: ${typeText(typ, resources)}`).join(", ")})`;
}
