/** Errors of MySQL and MariaDB as those that the guest gets. */
import type { DatabaseErrorCode } from "./database.ts";
import { DatabaseError } from "./database.ts";

/** Statements that can't be prepared are sent as they are, if they have no parameters. */
export const notPreparable = 1295;
const wrongParameters: ReadonlySet<unknown> = new Set([1210, 1243, 2031, "ERR_OUT_OF_RANGE", "ERR_INVALID_ARG_TYPE"]);
/** Refused or impossible access, too many connections, shutdowns. */
const connectionErrors: ReadonlySet<unknown> = new Set([
  1040, 1044, 1045, 1049, 1053, 1129, 1130, 1152, 1203, 1226, 1927,
]);

function codeOf(error: {
  readonly errno?: unknown;
  readonly sqlState?: unknown;
  readonly fatal?: unknown;
}): DatabaseErrorCode {
  if (wrongParameters.has(error.errno)) return "query-parameter-failure";
  if (connectionErrors.has(error.errno) || error.fatal === true) return "connection-failure";
  if (error.sqlState === undefined) return error.errno === undefined ? "query-parameter-failure" : "connection-failure";
  return "query-execution-failure";
}

export function databaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const { code } = error as { readonly code?: unknown };
  return new DatabaseError(codeOf(error as object), message === "" ? String(code) : message, { cause: error });
}

/** The database's number of an error. */
export function errorNumber(error: unknown): unknown {
  const { cause } = error as { readonly cause?: { readonly errno?: unknown } };
  return cause?.errno;
}

export const duplicateKey = 1062;
export const lockWaitTimeout = 1205;
/** No table, no right, read-only transaction or server: nothing that the guest has done wrong. */
export const markerRefusals: ReadonlySet<unknown> = new Set([1142, 1143, 1146, 1290, 1836]);
/** A transaction that can't change anything. */
export const readOnlyTransaction = 1792;
