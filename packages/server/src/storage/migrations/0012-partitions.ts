/**
 * storage_partition: one row that says which partition this database is, of how many. The first partition gets its row
 * when all the others have theirs; directories of before have one partition.
 */
import type { Migration } from "../schema.ts";

export const partitions: Migration = {
  name: "0012-partitions",
  sql: `
    CREATE TABLE storage_partition (
      only INTEGER PRIMARY KEY CHECK (only = 0),
      number INTEGER NOT NULL,
      count INTEGER NOT NULL
    ) STRICT;
  `,
  ofEarlier: "INSERT INTO storage_partition (only, number, count) VALUES (0, 0, 1)",
};
