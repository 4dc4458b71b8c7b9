/**
 * key_value_watchers: workers that are to be told of the changes of a space.
 * key_value_events: gives each such telling a number, in order; it holds nothing else.
 */
import type { Migration } from "../schema.ts";

export const watchers: Migration = {
  name: "0005-watchers",
  sql: `
    CREATE TABLE key_value_watchers (
      space BLOB NOT NULL,
      worker TEXT NOT NULL,
      PRIMARY KEY (space, worker)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX key_value_watchers_by_worker ON key_value_watchers (worker);

    CREATE TABLE key_value_events (
      number INTEGER NOT NULL
    ) STRICT;
    INSERT INTO key_value_events (number) VALUES (0);
  `,
};
