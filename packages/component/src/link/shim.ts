/**
 * Core functions for host functions that may wait. The host is called as a plain function; only when it gives a promise
 * does the core module made here call a second, suspending import that waits for it. So a value that is at hand costs
 * what a plain import costs, and a call that doesn't wait is possible below a JavaScript frame, too. One instance serves
 * many functions, because each instance of a module costs a kilobyte.
 */
import { helperModuleName } from "../canonical/backtrace.ts";
import type { Parking } from "../canonical/import-call.ts";
import type { FlatType } from "../canonical/layout.ts";
import type { CoreFunction } from "../canonical/side.ts";
import type { CoreExports, CoreGlobal, CoreModule } from "../canonical/webassembly.ts";
import { WebAssembly } from "../canonical/webassembly.ts";
import { ComponentError } from "../errors.ts";
import { leb } from "../rewrite/byte-writer.ts";
import type { CoreSignature } from "./reexport.ts";
import { typeCodes, typeList } from "./reexport.ts";

/** The hooks of fuel checks, which only exported functions can be put into tables for. */
export interface ShimHooks {
  readonly tick: () => number;
  readonly wait: () => unknown;
}

type Result = FlatType | "nothing";

const results: readonly Result[] = ["nothing", "i32", "i64", "f32", "f64"];

const resultOf = (signature: CoreSignature): Result => signature.results[0] ?? "nothing";

const modules = new Map<string, CoreModule>();

/** The module for some signatures, made once. */
function moduleFor(signatures: readonly CoreSignature[], hooks: boolean): CoreModule {
  const key = signatures.map((one) => `${one.parameters.join()}:${one.results.join()}`).join(";") + String(hooks);
  let module = modules.get(key);
  if (module === undefined) {
    module = new WebAssembly.Module(moduleBytes(signatures, hooks));
    modules.set(key, module);
  }
  return module;
}

/**
 * For each signature, by number:
 *
 * ```wat
 * (import "call" "0" (func $call (param …) (result …)))
 * (import "wait" "i32" (func $wait (result …)))
 * (import "" "parked" (global $parked (mut i32)))
 * (func (export "0") (param …) (result …) (local $result …)
 *   (local.set $result (call $call (local.get …)))
 *   (if (global.get $parked) (then (global.set $parked (i32.const 0)) (local.set $result (call $wait))))
 *   (local.get $result))
 * ```
 */
function moduleBytes(signatures: readonly CoreSignature[], hooks: boolean): Uint8Array {
  const count = signatures.length;
  const used = results.filter((result) => signatures.some((signature) => resultOf(signature) === result));
  const hookNames = hooks ? ["tick", "wait"] : [];
  const waitType = (index: number): number => count + index;
  const hookType = count + used.length;
  const firstHook = count + used.length;
  const types = [
    ...signatures.map(({ parameters, results: given }) => [0x60, ...typeList(parameters), ...typeList(given)]),
    ...used.map((result) => [0x60, 0, ...typeList(result === "nothing" ? [] : [result])]),
    ...hookNames.map(() => [0x60, 0, 1, typeCodes.i32]),
  ];
  const imports = [
    ...signatures.map((_, index) => [...name("call"), ...name(String(index)), 0, ...leb(index)]),
    ...used.map((result, index) => [...name("wait"), ...name(result), 0, ...leb(waitType(index))]),
    ...hookNames.map((hook) => [...name("hook"), ...name(hook), 0, ...leb(hookType)]),
    [...name(""), ...name("parked"), 3, typeCodes.i32, 1],
  ];
  const firstOwn = firstHook + hookNames.length;
  const exports = [
    ...signatures.map((_, index) => [...name(String(index)), 0, ...leb(firstOwn + index)]),
    ...hookNames.map((hook, index) => [...name(hook), 0, ...leb(firstHook + index)]),
  ];
  const bodies = signatures.map((signature, index) =>
    body(signature, index, count + used.indexOf(resultOf(signature))),
  );
  const sections = [
    section(1, types),
    section(2, imports),
    section(
      3,
      signatures.map((_, index) => leb(index)),
    ),
    section(7, exports),
    section(10, bodies),
    moduleName(),
  ];
  return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);
}

function body(signature: CoreSignature, call: number, wait: number): readonly number[] {
  const { parameters } = signature;
  const [result] = signature.results;
  const keep = result === undefined ? [] : [0x21, ...leb(parameters.length)];
  const code = [
    result === undefined ? [0] : [1, 1, typeCodes[result]],
    parameters.flatMap((_, index) => [0x20, ...leb(index)]),
    [0x10, ...leb(call), ...keep],
    [0x23, 0, 0x04, 0x40, 0x41, 0, 0x24, 0, 0x10, ...leb(wait), ...keep, 0x0b],
    result === undefined ? [] : [0x20, ...leb(parameters.length)],
    [0x0b],
  ].flat();
  return [...leb(code.length), ...code];
}

function section(id: number, entries: readonly (readonly number[])[]): readonly number[] {
  const content = [...leb(entries.length), ...entries.flat()];
  return [id, ...leb(content.length), ...content];
}

// By its name the module's frames are left out of backtraces.
function moduleName(): readonly number[] {
  const module = name(helperModuleName);
  const content = [...name("name"), 0, module.length, ...module];
  return [0, content.length, ...content];
}

function name(text: string): readonly number[] {
  return [text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))];
}

/** An instance of such a module. Only one of a guest's functions can wait at a time. */
export class Shim implements Parking {
  readonly exports: CoreExports;
  readonly #parked: CoreGlobal = new WebAssembly.Global({ value: "i32", mutable: true }, 0);
  #promise: Promise<unknown> | undefined;

  constructor(
    signatures: readonly CoreSignature[],
    calls: readonly (CoreFunction | undefined)[],
    hooks: ShimHooks | undefined,
  ) {
    const { Suspending } = WebAssembly;
    if (Suspending === undefined && signatures.length > 0) throw cannotWait();
    const wait = Suspending === undefined ? undefined : new Suspending(() => this.#take());
    const imports = {
      "": { parked: this.#parked },
      call: calls as unknown as CoreExports,
      wait: { nothing: wait, i32: wait, i64: wait, f32: wait, f64: wait },
      ...(hooks !== undefined && { hook: hookImports(hooks) }),
    };
    this.exports = new WebAssembly.Instance(moduleFor(signatures, hooks !== undefined), imports).exports;
  }

  park(promise: Promise<unknown>): void {
    this.#promise = promise;
    this.#parked.value = 1;
  }

  #take(): Promise<unknown> | undefined {
    const promise = this.#promise;
    this.#promise = undefined;
    return promise;
  }
}

function hookImports({ tick, wait }: ShimHooks): CoreExports {
  const { Suspending } = WebAssembly;
  return { tick, wait: Suspending === undefined ? wait : new Suspending(wait) };
}

/** For hosts without JSPI. */
export function cannotWait(): ComponentError {
  return new ComponentError("link", "an import may wait, but this host has no JavaScript promise integration");
}
