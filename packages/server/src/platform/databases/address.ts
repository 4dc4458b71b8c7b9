/** Where a database is and who asks: `postgres://user:password@host:port/database?sslmode=require`. */
import type { DatabaseKind } from "./database.ts";
import { DatabaseError } from "./database.ts";

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Empty when none is named. */
  readonly database: string;
  /** `verify` checks the server's certificate. */
  readonly encryption: "none" | "preferred" | "required" | "verify";
  readonly title: string;
}

const schemes: { readonly [Kind in DatabaseKind]: readonly string[] } = {
  postgres: ["postgres:", "postgresql:"],
  mysql: ["mysql:", "mariadb:"],
};

const defaultPorts: { readonly [Kind in DatabaseKind]: number } = { postgres: 5432, mysql: 3306 };

const modes: { readonly [mode: string]: DatabaseAddress["encryption"] } = {
  disable: "none",
  disabled: "none",
  allow: "none",
  prefer: "preferred",
  preferred: "preferred",
  require: "required",
  required: "required",
  "verify-ca": "verify",
  verify_ca: "verify",
  "verify-full": "verify",
  verify_identity: "verify",
};

function invalid(reason: string): DatabaseError {
  return new DatabaseError("connection-failure", `invalid address: ${reason}`);
}

/** Secrets of the address are in no message. Throws `DatabaseError`. */
export function parseAddress(kind: DatabaseKind, address: string): DatabaseAddress {
  const url = URL.parse(address);
  if (url === null) throw invalid("it is no URL");
  const accepted = schemes[kind];
  if (!accepted.includes(url.protocol)) throw invalid(`scheme "${url.protocol}" is not "${accepted[0]}"`);
  const mode = url.searchParams.get("sslmode") ?? url.searchParams.get("ssl-mode") ?? "disable";
  const encryption = modes[mode.toLowerCase()];
  if (encryption === undefined) throw invalid(`sslmode "${mode}" is unknown`);
  try {
    const host = decodeURIComponent(url.hostname).replaceAll(/^\[|\]$/gu, "");
    // A path would be that of a socket in the server's own file system.
    if (host === "" || host.includes("/") || host.includes(",")) throw invalid("it names no host");
    const port = url.port === "" ? defaultPorts[kind] : Number(url.port);
    const user = decodeURIComponent(url.username);
    const database = decodeURIComponent(url.pathname.slice(1));
    const title = `${kind}://${user}@${url.hostname}:${port}/${database}`;
    return { host, port, user, password: decodeURIComponent(url.password), database, encryption, title };
  } catch (error) {
    if (error instanceof URIError) throw invalid(error.message);
    throw error;
  }
}
