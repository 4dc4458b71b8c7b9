/** Makes changes happen once, in memory. */
import type { EffectOrigin } from "../../durability/effect.ts";
import { formatWorkerId } from "../../platform/worker-id.ts";
import type { OperationResult } from "../operation-table.ts";

export type OperationData = Map<string, { readonly operation: string; readonly result: OperationResult }>;

export function memoryOnce<T extends OperationResult>(
  operations: OperationData,
  { worker, operation }: EffectOrigin,
  change: () => T,
): T {
  if (operation === undefined) return change();
  const id = formatWorkerId(worker);
  const known = operations.get(id);
  if (known?.operation === operation) return known.result as T;
  const result = change();
  operations.set(id, { operation, result });
  return result;
}
