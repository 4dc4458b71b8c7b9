/**
 * The first layout.
 *
 * journal: a row per group commit (`journal-format.ts`), removed when all its entries were moved.
 * segments: records of one worker, in pieces of bounded size. The rows lie in the order in which they were written, so
 *   that moving writes sequentially; the index finds them.
 * workers: `key` names one life of a worker: a worker that is deleted and created again gets a new one, so that nothing
 *   of the earlier life can be taken for the later one's. `last_index` is the last record in segments.
 * deleted_workers: lives whose segments and journal entries are still to be removed, with the newest journal row that
 *   can hold entries of theirs.
 * ended_names: names of the workers deleted last, in order of their deletion, for enumerations that stand at one.
 * worker_spans: the workers of a component in runs of consecutive names, with the times of creation that occur in each;
 *   enumeration by time of creation skips the runs without any that match.
 */
import type { Migration } from "../schema.ts";

export const initial: Migration = {
  name: "0001-initial",
  sql: `
    CREATE TABLE journal (
      sequence INTEGER PRIMARY KEY,
      data BLOB NOT NULL
    ) STRICT;

    CREATE TABLE epochs (
      shard INTEGER PRIMARY KEY,
      epoch INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE worker_components (
      component INTEGER PRIMARY KEY,
      component_id TEXT NOT NULL UNIQUE
    ) STRICT;

    CREATE TABLE workers (
      key INTEGER PRIMARY KEY,
      component INTEGER NOT NULL,
      name TEXT NOT NULL,
      last_index INTEGER NOT NULL,
      status INTEGER NOT NULL,
      version INTEGER NOT NULL,
      created_at_ms REAL NOT NULL,
      needs_recovery INTEGER NOT NULL,
      environment TEXT NOT NULL,
      detail BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX workers_by_name ON workers (component, name, created_at_ms);
    CREATE INDEX workers_by_status ON workers (component, status, name);
    CREATE INDEX workers_by_version ON workers (component, version, name);
    CREATE INDEX workers_by_created_at ON workers (component, created_at_ms, name);
    CREATE INDEX workers_needing_recovery ON workers (component, name) WHERE needs_recovery = 1;

    CREATE TABLE worker_spans (
      component INTEGER NOT NULL,
      first_name TEXT NOT NULL,
      workers INTEGER NOT NULL,
      created_from_ms REAL NOT NULL,
      created_to_ms REAL NOT NULL,
      PRIMARY KEY (component, first_name)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE segments (
      segment INTEGER PRIMARY KEY,
      worker INTEGER NOT NULL,
      first_index INTEGER NOT NULL,
      data BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX segments_by_worker ON segments (worker, first_index);

    CREATE TABLE deleted_workers (
      key INTEGER PRIMARY KEY,
      journal_sequence INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE ended_names (
      deletion INTEGER PRIMARY KEY,
      key INTEGER NOT NULL UNIQUE,
      component_id TEXT NOT NULL,
      name TEXT NOT NULL
    ) STRICT;

    CREATE TABLE promises (
      worker TEXT NOT NULL,
      oplog_index INTEGER NOT NULL,
      data BLOB,
      PRIMARY KEY (worker, oplog_index)
    ) STRICT;

    CREATE TABLE timers (
      worker TEXT NOT NULL,
      name TEXT NOT NULL,
      due_ms REAL NOT NULL,
      PRIMARY KEY (worker, name)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX timers_by_due ON timers (due_ms, worker, name);
    CREATE INDEX timers_by_name ON timers (name);

    CREATE TABLE components (
      component_id TEXT NOT NULL,
      version INTEGER NOT NULL,
      name TEXT NOT NULL,
      size INTEGER NOT NULL,
      type TEXT NOT NULL,
      created_at_ms REAL NOT NULL,
      metadata TEXT NOT NULL,
      PRIMARY KEY (component_id, version)
    ) STRICT;
    CREATE INDEX components_by_name ON components (name);
    CREATE UNIQUE INDEX components_first_by_name ON components (name) WHERE version = 0;
  `,
};
