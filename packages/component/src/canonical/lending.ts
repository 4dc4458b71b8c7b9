/** Taking back, at the end of a call, the handles that its borrowed parameters have lent. */
import type { FunctionType } from "../types/value-type.ts";
import type { SideNames } from "./side-names.ts";
import { hasBorrow } from "./side-names.ts";

/** Emits what must stand before the parameters are lifted; gives the names that `endLending` needs. */
export function startLending(names: SideNames, type: FunctionType): readonly string[] {
  const listed = type.parameters.some(({ type: one }) => one.kind !== "borrow" && hasBorrow(one));
  if (!listed) return [];
  names.emitter.line(`const mark = ${names.handles}.lentMark();`);
  return ["mark"];
}

/** Emits the taking back of all handles that were lent. */
export function endLending(names: SideNames, mark: readonly string[]): void {
  for (const handle of names.lent) names.emitter.line(`${names.handles}.takeBack(${handle});`);
  for (const name of mark) names.emitter.line(`${names.handles}.takeBackTo(${name});`);
}
