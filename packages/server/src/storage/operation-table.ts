/** Makes a change happen once: remembers each worker's last one with its result. */
import type { DatabaseSync } from "node:sqlite";
import type { EffectOrigin } from "../durability/effect.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import { Statement } from "./statement.ts";

/** What a change may return; other things than these are not remembered. */
export type OperationResult = bigint | boolean | number | string | undefined;

export function packResult(result: OperationResult): string {
  return result === undefined ? "" : `${typeof result}:${String(result)}`;
}

export function unpackResult(text: string): OperationResult {
  const colon = text.indexOf(":");
  const value = text.slice(colon + 1);
  switch (text.slice(0, colon)) {
    case "bigint":
      return BigInt(value);
    case "boolean":
      return value === "true";
    case "number":
      return Number(value);
    case "string":
      return value;
    default:
      return undefined;
  }
}

export class OperationTable {
  readonly #select: Statement<[worker: string, operation: string], { readonly result: string }>;
  readonly #replace: Statement<[worker: string, operation: string, result: string]>;
  readonly #delete: Statement<[worker: string]>;
  readonly #checkEpoch: (shard: number, epoch: number, id: string) => void;

  constructor(database: DatabaseSync, checkEpoch: (shard: number, epoch: number, id: string) => void) {
    this.#select = new Statement(database, "SELECT result FROM operations WHERE worker = ? AND operation = ?");
    this.#replace = new Statement(
      database,
      "INSERT OR REPLACE INTO operations (worker, operation, result) VALUES (?, ?, ?)",
    );
    this.#delete = new Statement(database, "DELETE FROM operations WHERE worker = ?");
    this.#checkEpoch = checkEpoch;
  }

  /** Runs `change` in the transaction under way unless it was run before. It must throw before it changes anything. */
  once<T extends OperationResult>(origin: EffectOrigin, change: () => T): T {
    const { worker, shard, epoch, operation } = origin;
    const id = formatWorkerId(worker);
    this.#checkEpoch(shard, epoch, id);
    if (operation === undefined) return change();
    const known = this.#select.get(id, operation);
    if (known !== undefined) return unpackResult(known.result) as T;
    const result = change();
    this.#replace.run(id, operation, packResult(result));
    return result;
  }

  forget(worker: WorkerId): void {
    this.#delete.run(formatWorkerId(worker));
  }
}
