/** Calls of exported functions by the host: lower the parameters, call, lift the result, post-return. */
import type { FunctionType } from "../types/value-type.ts";
import { liftResult, lowerParameters, refreshViews } from "./call-parts.ts";
import { checkCode } from "./check.ts";
import type { ComponentState } from "./component-state.ts";
import { Emitter } from "./emitter.ts";
import { FactoryCache } from "./factory.ts";
import { asExpression } from "./lift.ts";
import type { CoreFunction, Side } from "./side.ts";
import type { SideShape } from "./side-names.ts";
import { shapeKey, shapeOf, sideNames, takesBorrows } from "./side-names.ts";

/** The generated functions of an exported function. */
export interface ExportCode {
  /** True if the parameters have the function's types; nothing has happened yet. */
  readonly check: (parameters: readonly unknown[]) => boolean;
  /** Lowers the parameters and calls the core function; gives its result, or a promise of it if it is a promising one. */
  readonly start: (parameters: readonly unknown[]) => unknown;
  /** Lifts the result and ends the call. */
  readonly finish: (coreResult: unknown) => unknown;
}

/** What an exported function is bound to. */
export interface ExportParts {
  readonly side: Side;
  readonly core: CoreFunction;
  /** The instances that the call enters. */
  readonly entered: readonly ComponentState[];
}

const factories = new FactoryCache<ExportCode>();

/** Makes the functions that call an export. */
export function exportCode(type: FunctionType, parts: ExportParts): ExportCode {
  const shape = shapeOf(parts.side);
  return factories.get(type, shapeKey(shape), () => exportSource(type, shape))({ ...parts });
}

function exportSource(type: FunctionType, shape: SideShape): string {
  const emitter = new Emitter();
  const names = sideNames(emitter, "side", shape);
  const core = emitter.constant("env.core");
  const entered = emitter.constant("env.entered");
  const scoped = takesBorrows(type);
  const parameters = type.parameters.map((_parameter, index) => `a${index}`);
  const unpack = (): void => {
    for (const [index, name] of parameters.entries()) emitter.line(`const ${name} = args[${index}];`);
  };

  emitter.line("function check(args) {");
  emitter.line(`if (args.length !== ${parameters.length}) return false;`);
  unpack();
  for (const [index, parameter] of type.parameters.entries()) {
    emitter.line(`if (!(${checkCode(emitter, parameter.type, `a${index}`)})) return false;`);
  }
  emitter.line("return true;\n}");

  emitter.line("function start(args) {");
  unpack();
  emitter.line(`${emitter.support("enter")}(${entered});`);
  refreshViews(names);
  if (scoped) emitter.line(`${names.handles}.openScope();`);
  const lowered = lowerParameters(
    names,
    type,
    parameters.map((code) => ({ code })),
  );
  emitter.line(`return ${core}(${lowered.join(", ")});\n}`);

  emitter.line("function finish(r) {");
  refreshViews(names);
  const result = liftResult(names, type, "r");
  const value = result === undefined ? "undefined" : emitter.bind(asExpression(result));
  if (scoped) emitter.line(`${names.handles}.closeScope();`);
  emitter.line(`${names.side}.postReturn(r);`);
  emitter.line(`${emitter.support("leave")}(${entered});`);
  emitter.line(`return ${value};\n}`);
  emitter.line("return { check, start, finish };");
  return emitter.source();
}
