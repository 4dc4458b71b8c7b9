/**
 * Runs of consecutive names of a component, with the times of creation within each. Workers are enumerated by name, so
 * a filter by time can't follow the index by time; it reads the runs, a few hundred times fewer than workers, and skips
 * those without a match. Bounds only grow: a run that lost its earliest worker is looked at in vain, never missed.
 */
import type { DatabaseSync } from "node:sqlite";
import { Statement } from "./statement.ts";

/** A run with more workers than this is split in two. */
const spanWorkersMax = 512;

interface Span {
  readonly first_name: string;
  readonly workers: number;
  readonly created_from_ms: number;
  readonly created_to_ms: number;
}

interface Times {
  readonly workers: number;
  readonly created_from_ms: number;
  readonly created_to_ms: number;
}

type SpanValues = [component: number, firstName: string, workers: number, fromMs: number, toMs: number];

export class WorkerSpans {
  readonly #select: Statement<[component: number, name: string], Span>;
  readonly #put: Statement<SpanValues>;
  readonly #middle: Statement<[component: number, firstName: string, offset: number], { readonly name: string }>;
  readonly #next: Statement<[component: number, firstName: string], { readonly first_name: string }>;
  readonly #times: Statement<[component: number, from: string, to: string], Times>;
  readonly #timesToEnd: Statement<[component: number, from: string], Times>;

  constructor(database: DatabaseSync) {
    this.#select = new Statement(
      database,
      `SELECT first_name, workers, created_from_ms, created_to_ms FROM worker_spans
       WHERE component = ? AND first_name <= ? ORDER BY first_name DESC LIMIT 1`,
    );
    this.#put = new Statement(
      database,
      `INSERT OR REPLACE INTO worker_spans (component, first_name, workers, created_from_ms, created_to_ms)
       VALUES (?, ?, ?, ?, ?)`,
    );
    this.#middle = new Statement(
      database,
      "SELECT name FROM workers WHERE component = ? AND name >= ? ORDER BY name LIMIT 1 OFFSET ?",
    );
    this.#next = new Statement(
      database,
      "SELECT first_name FROM worker_spans WHERE component = ? AND first_name > ? ORDER BY first_name LIMIT 1",
    );
    const times = `SELECT count(*) AS workers, min(created_at_ms) AS created_from_ms, max(created_at_ms) AS created_to_ms
       FROM workers INDEXED BY workers_by_name WHERE component = ? AND name >= ?`;
    this.#times = new Statement(database, `${times} AND name < ?`);
    this.#timesToEnd = new Statement(database, times);
  }

  /** To be called after the worker's row was inserted. */
  add(component: number, name: string, createdAtMs: number): void {
    const span = this.#select.get(component, name);
    if (span === undefined) {
      // The first run of a component begins below all names.
      this.#put.run(component, "", 1, createdAtMs, createdAtMs);
      return;
    }
    const workers = span.workers + 1;
    const from = Math.min(span.created_from_ms, createdAtMs);
    const to = Math.max(span.created_to_ms, createdAtMs);
    this.#put.run(component, span.first_name, workers, from, to);
    if (workers > spanWorkersMax) this.#split(component, span.first_name);
  }

  /** Makes the run of a worker cover another time of creation. */
  widen(component: number, name: string, createdAtMs: number): void {
    this.#change(component, name, 0, createdAtMs);
  }

  remove(component: number, name: string): void {
    this.#change(component, name, -1, undefined);
  }

  #change(component: number, name: string, workers: number, createdAtMs: number | undefined): void {
    const span = this.#select.get(component, name);
    if (span === undefined) return;
    const from = Math.min(span.created_from_ms, createdAtMs ?? span.created_from_ms);
    const to = Math.max(span.created_to_ms, createdAtMs ?? span.created_to_ms);
    this.#put.run(component, span.first_name, span.workers + workers, from, to);
  }

  #split(component: number, firstName: string): void {
    const end = this.#next.get(component, firstName)?.first_name;
    const middle = this.#middle.get(component, firstName, spanWorkersMax >> 1)?.name;
    if (middle === undefined || middle === firstName) return;
    const upper = end === undefined ? this.#timesToEnd.get(component, middle) : this.#times.get(component, middle, end);
    const lower = this.#times.get(component, firstName, middle);
    if (upper === undefined || lower === undefined || upper.workers === 0 || lower.workers === 0) return;
    this.#put.run(component, firstName, lower.workers, lower.created_from_ms, lower.created_to_ms);
    this.#put.run(component, middle, upper.workers, upper.created_from_ms, upper.created_to_ms);
  }
}
