/** How far workers' oplogs have gone to oplog processors. */
import type { Migration } from "../schema.ts";

export const deliveries: Migration = {
  name: "0010-deliveries",
  sql: `
    CREATE TABLE deliveries (
      worker TEXT NOT NULL,
      installation TEXT NOT NULL,
      id TEXT NOT NULL,
      revision INTEGER NOT NULL,
      last_index INTEGER NOT NULL,
      sending INTEGER NOT NULL,
      state TEXT NOT NULL,
      PRIMARY KEY (worker, installation)
    ) STRICT, WITHOUT ROWID;
  `,
};
