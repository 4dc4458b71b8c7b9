/** Routes of custom HTTP APIs: their definitions are JSON text. */
import type { Migration } from "../schema.ts";

export const routes: Migration = {
  name: "0004-routes",
  sql: `
    CREATE TABLE routes (
      id TEXT PRIMARY KEY,
      created_at_ms REAL NOT NULL,
      definition TEXT NOT NULL
    ) STRICT;
  `,
};
