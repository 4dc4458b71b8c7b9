/**
 * Keys with values, and objects in containers.
 *
 * key_values: names are UTF-8, so that they sort by code point. A space is a bucket, or the cache. Long values lie in files,
 *   like the objects: as rows they would keep all other writers waiting.
 * operations: the last change that each worker made, with its result, so that repeating it changes nothing.
 * contents: what a container holds. Clearing or deleting a container gives its content up at once; what was in it is
 *   removed step by step. Numbers are never used again.
 * objects: short ones lie in the row, the others in a file that several rows may share.
 * ended_files: files that no row needs any more, until they are removed.
 */
import type { Migration } from "../schema.ts";

export const keyValues: Migration = {
  name: "0002-key-values",
  sql: `
    CREATE TABLE key_values (
      space BLOB NOT NULL,
      key BLOB NOT NULL,
      expires_ms REAL,
      size INTEGER NOT NULL,
      file TEXT,
      value BLOB,
      PRIMARY KEY (space, key)
    ) STRICT;
    CREATE INDEX key_values_by_expiry ON key_values (expires_ms) WHERE expires_ms IS NOT NULL;

    CREATE INDEX key_values_by_file ON key_values (file) WHERE file IS NOT NULL;

    CREATE TABLE operations (
      worker TEXT PRIMARY KEY,
      operation TEXT NOT NULL,
      result TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE contents (
      content INTEGER PRIMARY KEY AUTOINCREMENT,
      ended INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX contents_ended ON contents (content) WHERE ended = 1;

    CREATE TABLE containers (
      name BLOB PRIMARY KEY,
      content INTEGER NOT NULL,
      created_at_ms REAL NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE objects (
      content INTEGER NOT NULL,
      name BLOB NOT NULL,
      created_at_ms REAL NOT NULL,
      size INTEGER NOT NULL,
      file TEXT,
      data BLOB,
      PRIMARY KEY (content, name)
    ) STRICT;
    CREATE INDEX objects_by_file ON objects (file) WHERE file IS NOT NULL;

    CREATE TABLE ended_files (
      file TEXT PRIMARY KEY
    ) STRICT, WITHOUT ROWID;
  `,
};
