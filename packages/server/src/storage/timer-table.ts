/** Timers in the database, found by the index of their due times. */
import type { DatabaseSync } from "node:sqlite";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId, parseWorkerId } from "../platform/worker-id.ts";
import type { Timer, TimerPlace } from "../worker/stores.ts";
import { Statement } from "./statement.ts";

interface TimerRow {
  readonly worker: string;
  readonly name: string;
  readonly due_ms: number;
  readonly payload: Uint8Array | null;
}

function timerOf({ worker, name, due_ms: dueMs, payload }: TimerRow): Timer {
  const timer = { worker: parseWorkerId(worker), name, dueMs };
  return payload === null ? timer : { ...timer, payload };
}

/** No timer stands there. */
const firstPlace: TimerPlace = { dueMs: -Number.MAX_VALUE, name: "" };

export class TimerTable {
  readonly #set: Statement<[worker: string, name: string, dueMs: number, payload: Uint8Array | null]>;
  readonly #remove: Statement<[worker: string, name: string, dueMs: number]>;
  readonly #removeOf: Statement<[worker: string]>;
  readonly #trigger: Statement<[dueMs: number, name: string]>;
  readonly #get: Statement<[worker: string, name: string], TimerRow>;
  readonly #of: Statement<[worker: string, dueMs: number, name: string, count: number], TimerRow>;
  readonly #due: Statement<[untilMs: number, count: number], TimerRow>;
  readonly #next: Statement<[afterMs: number], { readonly due_ms: number | null }>;

  constructor(database: DatabaseSync) {
    this.#set = new Statement(
      database,
      `INSERT INTO timers (worker, name, due_ms, payload) VALUES (?, ?, ?, ?)
       ON CONFLICT (worker, name) DO UPDATE SET due_ms = excluded.due_ms, payload = excluded.payload`,
    );
    this.#remove = new Statement(database, "DELETE FROM timers WHERE worker = ? AND name = ? AND due_ms = ?");
    this.#removeOf = new Statement(database, "DELETE FROM timers WHERE worker = ?");
    this.#trigger = new Statement(database, "UPDATE timers SET due_ms = ? WHERE name = ?");
    const select = "SELECT worker, name, due_ms, payload FROM timers";
    this.#get = new Statement(database, `${select} WHERE worker = ? AND name = ?`);
    this.#of = new Statement(
      database,
      `${select} WHERE worker = ? AND (due_ms, name) > (?, ?) ORDER BY due_ms, name LIMIT ?`,
    );
    this.#due = new Statement(database, `${select} WHERE due_ms <= ? ORDER BY due_ms, worker, name LIMIT ?`);
    this.#next = new Statement(database, "SELECT min(due_ms) AS due_ms FROM timers WHERE due_ms > ?");
  }

  set(timer: Timer): void {
    this.#set.run(formatWorkerId(timer.worker), timer.name, timer.dueMs, timer.payload ?? null);
  }

  remove(timer: Timer): boolean {
    return this.#remove.run(formatWorkerId(timer.worker), timer.name, timer.dueMs) > 0;
  }

  get(worker: WorkerId, name: string): Timer | undefined {
    const row = this.#get.get(formatWorkerId(worker), name);
    return row === undefined ? undefined : timerOf(row);
  }

  of(worker: WorkerId, count: number, { dueMs, name }: TimerPlace = firstPlace): readonly Timer[] {
    return this.#of.all(formatWorkerId(worker), dueMs, name, count).map(timerOf);
  }

  removeOf(worker: WorkerId): void {
    this.#removeOf.run(formatWorkerId(worker));
  }

  trigger(name: string, dueMs: number): number {
    return this.#trigger.run(dueMs, name);
  }

  due(untilMs: number, count: number): readonly Timer[] {
    return this.#due.all(untilMs, count).map(timerOf);
  }

  next(afterMs: number): number | undefined {
    return this.#next.get(afterMs)?.due_ms ?? undefined;
  }
}
