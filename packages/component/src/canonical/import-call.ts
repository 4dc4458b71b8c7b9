/** Calls of host functions by the guest: lift the parameters, call the host, lower the result. */
import type { HostFunction } from "../host.ts";
import type { FunctionType } from "../types/value-type.ts";
import { coreParameters, liftParameters, lowerResult, refreshViews } from "./call-parts.ts";
import { checkCode } from "./check.ts";
import { Emitter } from "./emitter.ts";
import { FactoryCache } from "./factory.ts";
import { coreSignature } from "./layout.ts";
import { asExpression } from "./lift.ts";
import { endLending, startLending } from "./lending.ts";
import type { CoreFunction, Side } from "./side.ts";
import type { SideShape } from "./side-names.ts";
import { shapeKey, shapeOf, sideNames } from "./side-names.ts";

const factories = new FactoryCache<CoreFunction>();

/** Where a function that may wait leaves the promise of its core result, to be waited for when it has returned. */
export interface Parking {
  park(promise: Promise<unknown>): void;
}

/** What the core function for an imported host function is bound to. */
export interface ImportParts {
  readonly side: Side;
  readonly host: HostFunction;
  /** For suspending ones. */
  readonly parking: Parking | undefined;
}

/** The core function for an imported host function. */
export function importFunction(type: FunctionType, { side, host, parking }: ImportParts): CoreFunction {
  const shape = shapeOf(side);
  const variation = `${host.kind} ${shapeKey(shape)}`;
  const factory = factories.get(type, variation, () => importSource(type, shape, host.kind));
  return factory({ side, host: host.call, resultType: type.result, parking });
}

/** Returned to the shim until the result is there. */
const placeholders = { i32: "0", i64: "0n", f32: "0", f64: "0" } as const;

function importSource(type: FunctionType, shape: SideShape, kind: HostFunction["kind"]): string {
  const emitter = new Emitter();
  const names = sideNames(emitter, "side", shape);
  const host = emitter.constant("env.host");
  const { flat, returnPointer, all } = coreParameters(type);
  emitter.line(`function call(${all.join(", ")}) {`);
  emitter.line("try {");
  emitter.line(`if (!${names.state}.mayLeave) ${names.state}.cannotLeave();`);
  refreshViews(names);
  const mark = startLending(names, type);
  const values = liftParameters(names, type, flat).map(asExpression);
  const kept = [...(returnPointer === undefined ? [] : [returnPointer]), ...mark, ...names.lent];
  const finish = `finish(${["r", ...kept].join(", ")})`;
  emitter.line(`const r = ${host}(${values.join(", ")});`);
  if (kind === "suspending") {
    const wait = `${names.state}.guest.wait(r, (r) => ${finish})`;
    const [flatResult] = coreSignature(type, "lower").results;
    const placeholder = flatResult === undefined ? "" : placeholders[flatResult];
    emitter.block(`if (${emitter.support("isThenable")}(r)) {`, "}", () => {
      emitter.line(`${emitter.constant("env.parking")}.park(${wait});`);
      emitter.line(`return ${placeholder};`);
    });
  }
  emitter.line(`return ${finish};`);
  emitter.line(`} catch (e) { throw ${names.state}.guest.failed(e); }`);
  emitter.line("}");

  emitter.line(`function finish(${["r", ...kept].join(", ")}) {`);
  if (kind === "suspending") refreshViews(names);
  if (type.result !== undefined) {
    const mismatch = `${emitter.support("resultMismatch")}(${emitter.constant("env.resultType")}, r)`;
    emitter.line(`if (!(${checkCode(emitter, type.result, "r")})) throw ${mismatch};`);
  }
  const result = lowerResult(names, type, { code: "r" });
  endLending(names, mark);
  if (result !== undefined) emitter.line(`return ${result};`);
  emitter.line("}");
  emitter.line("return call;");
  return emitter.source();
}
