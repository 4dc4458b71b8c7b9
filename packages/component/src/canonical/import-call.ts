/** Calls of host functions by the guest: lift the parameters, call the host, lower the result. */
import type { HostFunction } from "../host.ts";
import type { FunctionType } from "../types/value-type.ts";
import { coreParameters, liftParameters, lowerResult, refreshViews } from "./call-parts.ts";
import { checkCode } from "./check.ts";
import { Emitter } from "./emitter.ts";
import { FactoryCache } from "./factory.ts";
import { deferred } from "./deferred.ts";
import { asExpression } from "./lift.ts";
import { endLending, startLending } from "./lending.ts";
import type { CoreFunction, Side } from "./side.ts";
import type { SideShape } from "./side-names.ts";
import { shapeKey, shapeOf, sideNames } from "./side-names.ts";

const factories = new FactoryCache<CoreFunction>();

/** Takes the promise of a suspending host function's result, lowered; what it gives is returned to the guest. */
type Park = (promise: Promise<unknown>) => unknown;

/** The core function for an imported host function. `park` is for suspending ones. */
export function importFunction(type: FunctionType, side: Side, host: HostFunction, park?: Park): CoreFunction {
  const shape = shapeOf(side);
  const variation = `${host.kind} ${shapeKey(shape)}`;
  const environment = { side, host: host.call, resultType: type.result, park };
  const known = factories.find(type, variation);
  if (known !== undefined) return known(environment);
  return deferred(coreParameters(type).all.length, () =>
    factories.get(type, variation, () => importSource(type, shape, host.kind))(environment),
  );
}

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
    emitter.line(`if (${emitter.support("isThenable")}(r)) return ${emitter.constant("env.park")}(${wait});`);
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
