/** ended_components: components that were deleted; `cleaned` is 1 when nothing of them is left. Their ids get no workers. */
import type { Migration } from "../schema.ts";

export const endedComponents: Migration = {
  name: "0009-ended-components",
  sql: `
    CREATE TABLE ended_components (
      component_id TEXT PRIMARY KEY,
      cleaned INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
};
