/** Turns the scans of a filter into ranges of the indexes of the worker table, with a look at how long they are. */
import type { DatabaseSync } from "node:sqlite";
import type { WorkerFilter } from "../worker/worker-index.ts";
import type { NumberRange, Scan } from "./filter-scans.ts";
import { scansOf } from "./filter-scans.ts";
import type { SqlValue } from "./statement.ts";
import { Statement } from "./statement.ts";

/** A range of one index. Within it workers come in order of names, unless it is `short`. */
export interface IndexScan {
  readonly index: string;
  readonly condition: string;
  readonly parameters: readonly SqlValue[];
  /** So few workers that they are read at once and sorted. */
  readonly short: boolean;
}

/** A scan with fewer workers than this is short. */
const shortCount = 1024;
/** Beyond so many versions a range of them isn't split into one scan per version. */
const versionsMax = 64;

type RangeParameters = [component: number, from: number, to: number];

export class IndexScans {
  readonly #counts: Readonly<
    Record<"status" | "versions" | "created-at", Statement<RangeParameters, { count: number }>>
  >;
  readonly #nextVersion: Statement<[component: number, from: number], { readonly version: number | null }>;

  constructor(database: DatabaseSync) {
    const count = (index: string, column: string): Statement<RangeParameters, { count: number }> =>
      new Statement(
        database,
        `SELECT count(*) AS count FROM (SELECT 1 FROM workers INDEXED BY ${index}
         WHERE component = ? AND ${column} BETWEEN ? AND ? LIMIT ${shortCount})`,
      );
    this.#counts = {
      status: count("workers_by_status", "status"),
      versions: count("workers_by_version", "version"),
      "created-at": count("workers_by_created_at", "created_at_ms"),
    };
    this.#nextVersion = new Statement(
      database,
      "SELECT min(version) AS version FROM workers INDEXED BY workers_by_version WHERE component = ? AND version >= ?",
    );
  }

  /** The ranges to read for a filter; undefined if all workers of the component are to be looked at. */
  choose(component: number, filter: WorkerFilter | undefined): readonly IndexScan[] | undefined {
    if (filter === undefined) return undefined;
    const scans = scansOf(filter, (scan) => this.#cost(component, scan));
    if (scans === "everything") return undefined;
    const ranges: IndexScan[] = [];
    for (const scan of scans) {
      const resolved = this.#resolve(component, scan);
      if (resolved === undefined) return undefined;
      ranges.push(...resolved);
    }
    return ranges;
  }

  #count(component: number, kind: "status" | "versions" | "created-at", range: NumberRange): number {
    return this.#counts[kind].get(component, range.from, range.to)?.count ?? 0;
  }

  #cost(component: number, scan: Scan): number {
    switch (scan.kind) {
      case "name":
        return 1;
      case "status":
        return this.#count(component, "status", { from: scan.status, to: scan.status });
      case "versions":
        return this.#count(component, "versions", scan.range);
      case "created-at": {
        const count = this.#count(component, "created-at", scan.range);
        // A long one would have to be sorted as a whole for its first page.
        return count < shortCount ? count : Number.MAX_VALUE;
      }
    }
  }

  #resolve(component: number, scan: Scan): readonly IndexScan[] | undefined {
    switch (scan.kind) {
      case "name":
        return [{ index: "workers_by_name", condition: "w.name = ?", parameters: [scan.name], short: true }];
      case "status":
        return [{ index: "workers_by_status", condition: "w.status = ?", parameters: [scan.status], short: false }];
      case "versions":
        return this.#versions(component, scan.range)?.map((version) => ({
          index: "workers_by_version",
          condition: "w.version = ?",
          parameters: [version],
          short: false,
        }));
      case "created-at": {
        if (this.#count(component, "created-at", scan.range) >= shortCount) return undefined;
        const condition = "w.created_at_ms BETWEEN ? AND ?";
        const parameters = [scan.range.from, scan.range.to];
        return [{ index: "workers_by_created_at", condition, parameters, short: true }];
      }
    }
  }

  /** The versions in use within a range, each found by one step in the index. */
  #versions(component: number, range: NumberRange): readonly number[] | undefined {
    const versions: number[] = [];
    let from = range.from;
    for (;;) {
      const version = this.#nextVersion.get(component, from)?.version ?? null;
      if (version === null || version > range.to) return versions;
      if (versions.length === versionsMax) return undefined;
      versions.push(version);
      from = version + 1;
    }
  }
}
