/**
 * archives: runs of old records of one worker that lie compressed in a blob instead of in segments. `worker` is the key
 * of its life; `next_index` is the first record behind the run.
 */
import type { Migration } from "../schema.ts";

export const archives: Migration = {
  name: "0007-archives",
  sql: `
    CREATE TABLE archives (
      worker INTEGER NOT NULL,
      first_index INTEGER NOT NULL,
      next_index INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      PRIMARY KEY (worker, first_index)
    ) STRICT, WITHOUT ROWID;
  `,
};
