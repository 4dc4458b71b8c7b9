/** Plugins, their definitions as JSON text, and which of them each component version has installed, as JSON text, too. */
import type { Migration } from "../schema.ts";

export const plugins: Migration = {
  name: "0008-plugins",
  sql: `
    CREATE TABLE plugins (
      name TEXT NOT NULL,
      version TEXT NOT NULL,
      created_at_ms REAL NOT NULL,
      definition TEXT NOT NULL,
      PRIMARY KEY (name, version)
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE components ADD COLUMN plugins TEXT NOT NULL DEFAULT '[]';
  `,
};
