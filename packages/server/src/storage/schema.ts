/** The database's layout and its versions. */
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../platform/store-error.ts";
import { initial } from "./migrations/0001-initial.ts";
import { keyValues } from "./migrations/0002-key-values.ts";
import { timerPayloads } from "./migrations/0003-timer-payloads.ts";
import { routes } from "./migrations/0004-routes.ts";
import { watchers } from "./migrations/0005-watchers.ts";
import { componentFiles } from "./migrations/0006-component-files.ts";
import { archives } from "./migrations/0007-archives.ts";
import { plugins } from "./migrations/0008-plugins.ts";
import { endedComponents } from "./migrations/0009-ended-components.ts";
import { deliveries } from "./migrations/0010-deliveries.ts";
import { removedVersions } from "./migrations/0011-removed-versions.ts";
import { partitions } from "./migrations/0012-partitions.ts";

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** What it does to a database that was there before it. */
  readonly ofEarlier?: string;
}

/** In order, never changed once released: `user_version` counts how many of them a database has seen. */
const migrations: readonly Migration[] = [
  initial,
  keyValues,
  timerPayloads,
  routes,
  watchers,
  componentFiles,
  archives,
  plugins,
  endedComponents,
  deliveries,
  removedVersions,
  partitions,
];

/**
 * Brings the database to the current version, in one transaction: a crash leaves it at the version that it had, so that one
 * of the first version or later is one that was in use. Throws for a database of a newer server.
 */
export function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version > migrations.length) {
    throw new StoreError(
      "failed",
      `cannot open the database: its version is ${version}, this server knows versions up to ${migrations.length}`,
    );
  }
  const missing = migrations.slice(version);
  if (missing.length === 0) return;
  const steps = missing.flatMap(({ sql, ofEarlier }) =>
    version === 0 || ofEarlier === undefined ? [sql] : [sql, ofEarlier],
  );
  database.exec(`BEGIN IMMEDIATE; ${steps.join(";")}; PRAGMA user_version = ${migrations.length}; COMMIT`);
}
