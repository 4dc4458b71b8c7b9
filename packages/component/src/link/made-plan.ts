/**
 * The core functions that a component definition has made for it rather than by a core module: lowered functions and
 * those for resources. What is the same for all instances of the definition is found here once.
 */
import { coreParameters } from "../canonical/call-parts.ts";
import { compileFactory } from "../canonical/factory.ts";
import { coreSignature } from "../canonical/layout.ts";
import type { CoreFunction } from "../canonical/side.ts";
import type { ComponentDefinition, Initializer } from "../decode/model.ts";
import type { CoreSignature } from "./reexport.ts";

export type MadeInitializer = Extract<
  Initializer,
  { readonly kind: "lower" | "resource-new" | "resource-drop" | "resource-rep" }
>;

/** Makes the functions of one instance of a definition when they are called first. */
export interface FunctionMaker {
  /** Called once for each number. */
  readonly make: (number: number) => CoreFunction;
}

export interface MadePlan {
  /** In order; a function's position is its number. */
  readonly initializers: readonly MadeInitializer[];
  readonly signatures: readonly CoreSignature[];
  /** The functions of an instance: most instances never call most of what they import. */
  readonly functions: (maker: FunctionMaker) => readonly CoreFunction[];
}

const plans = new WeakMap<ComponentDefinition, MadePlan>();

/** The plan for a definition, made once. */
export function madePlan(definition: ComponentDefinition): MadePlan {
  let plan = plans.get(definition);
  if (plan === undefined) {
    const initializers = definition.initializers.filter(isMade);
    const factory = compileFactory<readonly CoreFunction[]>(lateSource(initializers));
    plan = {
      initializers,
      signatures: initializers.map(signatureOf),
      functions: (maker) => factory({ maker }),
    };
    plans.set(definition, plan);
  }
  return plan;
}

function isMade(initializer: Initializer): initializer is MadeInitializer {
  return ["lower", "resource-new", "resource-drop", "resource-rep"].includes(initializer.kind);
}

function signatureOf(initializer: MadeInitializer): CoreSignature {
  if (initializer.kind === "lower") return coreSignature(initializer.type, "lower");
  return { parameters: ["i32"], results: initializer.kind === "resource-drop" ? [] : ["i32"] };
}

/**
 * Each function has exactly its parameters, because the engine calls a function with fitting parameters faster than one
 * with rest parameters.
 */
function lateSource(initializers: readonly MadeInitializer[]): string {
  const functions = initializers.map((initializer, number) => {
    const parameters = initializer.kind === "lower" ? coreParameters(initializer.type).all.join(", ") : "c0";
    return `(${parameters}) => (f${number} ?? (f${number} = maker.make(${number})))(${parameters}),`;
  });
  const names = initializers.map((_, number) => `f${number}`);
  const variables = names.length === 0 ? "" : `let ${names.join(", ")};`;
  return ['"use strict";', "const { maker } = env;", variables, "return [", ...functions, "];"].join("\n");
}
