/** Makes instances from component text, for tests. */
import { parse } from "@bytecodealliance/jco";
import { decode } from "../decode/decode.ts";
import type { HostFunction, HostInstance, HostResource, Imports } from "../host.ts";
import { rewriteModule } from "../rewrite/rewrite.ts";
import type { Component, Prepared } from "./component.ts";
import { compile, withoutRewriting } from "./component.ts";
import { hostInstances } from "./import-names.ts";
import type { Instance, InstantiateOptions } from "./instance.ts";
import { instantiate } from "./instance.ts";

/** Compiles component text; core modules are rewritten if asked for. */
export async function compileText(text: string, rewritten = false): Promise<Component> {
  const bytes = await parse(text);
  const plain = withoutRewriting(decode(bytes), bytes);
  const prepared: Prepared = rewritten
    ? { ...plain, modules: plain.modules.map((module) => rewriteModule(module.bytes)) }
    : plain;
  return compile(prepared);
}

/** Host functions that return at once. */
export function sync(functions: { readonly [name: string]: (...parameters: never[]) => unknown }): HostInstance {
  return instanceOf("sync", functions);
}

/** Host functions that may wait. */
export function suspending(functions: { readonly [name: string]: (...parameters: never[]) => unknown }): HostInstance {
  return instanceOf("suspending", functions);
}

function instanceOf(
  kind: HostFunction["kind"],
  functions: { readonly [name: string]: (...parameters: never[]) => unknown },
): HostInstance {
  const entries = Object.entries(functions).map(([name, implementation]): [string, HostFunction] => [
    name,
    { kind, call: implementation },
  ]);
  return { functions: Object.fromEntries(entries), resources: {} };
}

/** Imports made of instances by name; missing functions fail when they are called. */
export function importsOf(
  instances: { readonly [name: string]: HostInstance } = {},
  resources: { readonly [name: string]: HostResource } = {},
): Imports {
  const root = instances["root"] ?? { functions: {}, resources };
  return {
    instance: hostInstances(instances),
    root,
    missing: ({ instance, name }) => ({
      kind: "sync",
      call: () => {
        throw new Error(`no host function ${instance ?? "root"}#${name}`);
      },
    }),
  };
}

/** An instance of component text with host functions at root level. */
export async function guest(
  text: string,
  root: HostInstance = { functions: {}, resources: {} },
  options: InstantiateOptions = {},
): Promise<Instance> {
  const component = await compileText(text, options.fuel !== undefined);
  return instantiate(component, importsOf({ root }), options);
}

/** Calls an export of the root. */
export async function call(instance: Instance, name: string, ...parameters: never[]): Promise<unknown> {
  const found = instance.function(undefined, name);
  if (found === undefined) throw new Error(`the guest has no export ${name}`);
  return found.call(parameters);
}
