/** Everything about calling one exported function that can be known once per component version. */
import { formatJson, parseFunctionName, typeToJson, FunctionNameError } from "@emet/contract";
import type { FunctionName } from "@emet/contract";
import type { Field, ValueType } from "@emet/component";
import type { ComponentImage, ExportedFunctionInfo } from "../component/component-image.ts";
import { resolveFunction } from "../component/resolve-function.ts";
import { watchFunction } from "./handle-watch.ts";
import { incomingHandler } from "./incoming-handler.ts";
import { badRequest, golemError } from "./worker-error.ts";

/** A resource found, or made, by its constructor's arguments. */
export interface IndexedResource {
  readonly constructor: ExportedFunctionInfo;
  readonly resourceName: string;
  /** WAVE text between the parentheses, as given: the text is the identity. */
  readonly argumentsText: string;
}

export interface InvocationTarget {
  readonly functionName: string;
  readonly info: ExportedFunctionInfo;
  readonly indexed: IndexedResource | undefined;
  /** Without the handle that an indexed call gets from the server. */
  readonly parameters: readonly Field[];
  /** Tuples: what records hold. */
  readonly parametersType: ValueType;
  readonly resultsType: ValueType;
  /** JSON text of `resultsType`. */
  readonly resultsTypeJson: string;
}

const targets = new WeakMap<ComponentImage, Map<string, InvocationTarget>>();

/** Bounds the memory of a client that makes up names. */
const cachedTargetsMax = 1000;

/** Throws `WorkerError` when the name doesn't parse or names nothing. */
export function invocationTarget(image: ComponentImage, functionName: string): InvocationTarget {
  const known = targets.get(image) ?? new Map<string, InvocationTarget>();
  targets.set(image, known);
  const cached = known.get(functionName);
  if (cached !== undefined) return cached;
  const target = resolveTarget(image, functionName);
  if (known.size >= cachedTargetsMax) known.clear();
  known.set(functionName, target);
  return target;
}

function resolveTarget(image: ComponentImage, functionName: string): InvocationTarget {
  const name = parseName(functionName);
  const info = incomingHandler(image, name) ?? watchFunction(image, name) ?? resolveFunction(image.functions, name);
  if (info === undefined) throw notFound(functionName);
  const indexed = indexedResource(image, name, functionName);
  // A static function belongs to no instance that arguments could name.
  if (indexed !== undefined && info.name.startsWith("[static]")) throw notFound(functionName);
  const parameters = indexed === undefined ? info.type.parameters : parametersOfIndexed(info);
  const { result } = info.type;
  const resultsType: ValueType = { kind: "tuple", items: result === undefined ? [] : [result] };
  return {
    functionName,
    info,
    indexed,
    parameters,
    parametersType: { kind: "tuple", items: parameters.map((parameter) => parameter.type) },
    resultsType,
    resultsTypeJson: formatJson(typeToJson(resultsType)),
  };
}

function parseName(functionName: string): FunctionName {
  try {
    return parseFunctionName(functionName);
  } catch (error) {
    if (error instanceof FunctionNameError) throw badRequest(error.message);
    throw error;
  }
}

function notFound(functionName: string): Error {
  return golemError({ type: "InvalidRequest", details: `could not load function ${functionName}: no such export` });
}

function indexedResource(image: ComponentImage, name: FunctionName, functionName: string): IndexedResource | undefined {
  const reference = name.function;
  if (!("arguments" in reference) || reference.arguments === undefined) return undefined;
  const { resource, arguments: argumentsText } = reference;
  const constructorName: FunctionName = { interface: name.interface, function: { kind: "constructor", resource } };
  const constructor = resolveFunction(image.functions, constructorName);
  if (constructor === undefined) throw notFound(functionName);
  return { constructor, resourceName: resource, argumentsText };
}

/** The server puts in the handle (methods, drop) or the arguments of the name (constructors). */
function parametersOfIndexed(info: ExportedFunctionInfo): readonly Field[] {
  return info.name.startsWith("[constructor]") ? [] : info.type.parameters.slice(1);
}
