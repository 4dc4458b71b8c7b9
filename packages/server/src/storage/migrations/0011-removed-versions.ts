/**
 * components.removed: 0 for a version that is there, 1 for one that was removed and may have left binaries, 2 when those
 * are gone. Its row stays: the number is never given again, and that of version 0 holds the component's name.
 */
import type { Migration } from "../schema.ts";

export const removedVersions: Migration = {
  name: "0011-removed-versions",
  sql: "ALTER TABLE components ADD COLUMN removed INTEGER NOT NULL DEFAULT 0",
};
