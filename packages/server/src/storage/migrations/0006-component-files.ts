/** Initial files of component versions, as JSON text; what they hold lies in the blob store. */
import type { Migration } from "../schema.ts";

export const componentFiles: Migration = {
  name: "0006-component-files",
  sql: `ALTER TABLE components ADD COLUMN files TEXT NOT NULL DEFAULT '[]'`,
};
