/** Functions whose code is generated at their first call. */
import { compileFactory } from "./factory.ts";
import type { Factory } from "./factory.ts";
import type { CoreFunction } from "./side.ts";

const factories: (Factory<CoreFunction> | undefined)[] = [];

/**
 * A function of `count` parameters that makes its real function at the first call. It has exactly that many parameters,
 * because the engine calls a function with fitting parameters faster than one with rest parameters.
 */
export function deferred(count: number, make: () => CoreFunction): CoreFunction {
  const factory = (factories[count] ??= compileFactory(deferredSource(count)));
  return factory({ make });
}

function deferredSource(count: number): string {
  const parameters = Array.from({ length: count }, (_, index) => `c${index}`).join(", ");
  return [
    `let real = function (${parameters}) { real = env.make(); return real(${parameters}); };`,
    `return function (${parameters}) { return real(${parameters}); };`,
  ].join("\n");
}
