/**
 * Core functions for host functions that may wait. The host is called as a plain function; only when it gives a promise
 * does the core module made here call a second, suspending import that waits for it. So a value that is at hand costs
 * what a plain import costs, and a call that doesn't wait is possible below a JavaScript frame, too.
 */
import { helperModuleName } from "../canonical/backtrace.ts";
import type { FlatType } from "../canonical/layout.ts";
import type { CoreFunction } from "../canonical/side.ts";
import type { CoreModule } from "../canonical/webassembly.ts";
import { WebAssembly } from "../canonical/webassembly.ts";
import { ComponentError } from "../errors.ts";
import type { CoreSignature } from "./reexport.ts";
import { section, typeCodes, typeList } from "./reexport.ts";

/** Takes the promise of a result, and gives what the plain import returns in the meantime. */
export type Park = (promise: Promise<unknown>) => unknown;

const modules = new Map<string, CoreModule>();

/** The module for a signature, made once. */
function moduleFor(signature: CoreSignature): CoreModule {
  const key = `${signature.parameters.join()}:${signature.results.join()}`;
  let module = modules.get(key);
  if (module === undefined) {
    module = new WebAssembly.Module(moduleBytes(signature));
    modules.set(key, module);
  }
  return module;
}

/**
 * ```wat
 * (import "" "call" (func $call (param …) (result …)))
 * (import "" "wait" (func $wait (result …)))
 * (import "" "parked" (global $parked (mut i32)))
 * (func (export "f") (param …) (result …) (local $result …)
 *   (local.set $result (call $call (local.get …)))
 *   (if (global.get $parked) (then (global.set $parked (i32.const 0)) (local.set $result (call $wait))))
 *   (local.get $result))
 * ```
 */
function moduleBytes({ parameters, results }: CoreSignature): Uint8Array {
  const [result] = results;
  const own = [0x60, ...typeList(parameters), ...typeList(results)];
  const wait = [0x60, 0, ...typeList(results)];
  const local = parameters.length;
  const keep = result === undefined ? [] : [0x21, local];
  const body = [
    result === undefined ? [0] : [1, 1, typeCodes[result]],
    parameters.flatMap((_, index) => [0x20, index]),
    [0x10, 0, ...keep],
    [0x23, 0, 0x04, 0x40, 0x41, 0, 0x24, 0, 0x10, 1, ...keep, 0x0b],
    result === undefined ? [] : [0x20, local],
    [0x0b],
  ].flat();
  const imports = [
    [0, ...name("call"), 0, 0],
    [0, ...name("wait"), 0, 1],
    [0, ...name("parked"), 3, 0x7f, 1],
  ];
  const sections = [
    section(1, [own, wait]),
    section(2, imports),
    section(3, [[0]]),
    section(7, [[...name("f"), 0, 2]]),
    section(10, [[body.length, ...body]]),
    moduleName(),
  ];
  return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);
}

// By its name the module's frames are left out of backtraces.
function moduleName(): readonly number[] {
  const module = name(helperModuleName);
  const names = [...name("name"), 0, module.length, ...module];
  return [0, names.length, ...names];
}

function name(text: string): readonly number[] {
  return [text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))];
}

const zeros: { readonly [type in FlatType]: unknown } = { i32: 0, i64: 0n, f32: 0, f64: 0 };

/** `make` makes the plain function, which hands promises to `park`. */
export function suspendableFunction(signature: CoreSignature, make: (park: Park) => CoreFunction): unknown {
  const { Suspending } = WebAssembly;
  if (Suspending === undefined) {
    throw new ComponentError("link", "an import may wait, but this host has no JavaScript promise integration");
  }
  const parked = new WebAssembly.Global({ value: "i32", mutable: true }, 0);
  const [result] = signature.results;
  const placeholder = result === undefined ? undefined : zeros[result];
  let waiting: Promise<unknown> | undefined;
  const call = make((promise) => {
    waiting = promise;
    parked.value = 1;
    return placeholder;
  });
  const wait = (): unknown => {
    const promise = waiting;
    waiting = undefined;
    return promise;
  };
  const imports = { "": { call, wait: new Suspending(wait), parked } };
  return new WebAssembly.Instance(moduleFor(signature), imports).exports["f"];
}
