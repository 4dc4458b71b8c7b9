import { setIdempotenceMode } from "golem:api/host@1.1.7";
import * as mysql from "golem:rdbms/mysql@0.0.1";
import * as postgres from "golem:rdbms/postgres@0.0.1";

const kinds = { mysql, postgres };
const seen = [];

function open(kind, address) {
  return kinds[kind].DbConnection.open(address);
}

/** What went wrong, as `case: message`. */
function failure(error) {
  if (error.payload === undefined) throw error;
  return `${error.payload.tag}: ${error.payload.val}`;
}

function told(attempt) {
  let text;
  try {
    text = attempt();
  } catch (error) {
    text = failure(error);
  }
  seen.push(text);
  return text;
}

/** Bigints are written as `{"big": "1"}`, bytes as `{"bytes": [1]}`, and parts that are resources as `{"lazy": …}`. */
function plain(value) {
  if (typeof value === "bigint") return { big: String(value) };
  if (ArrayBuffer.isView(value)) return { bytes: [...value] };
  if (typeof value === "number" && !Number.isFinite(value)) return { float: String(value) };
  if (value === null || typeof value !== "object") return value;
  if (typeof value.get === "function") return { lazy: plain(value.get()) };
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}

function made(value) {
  if (value === null || typeof value !== "object") return value;
  if ("big" in value) return BigInt(value.big);
  if ("bytes" in value) return Uint8Array.from(value.bytes);
  if ("float" in value) return Number(value.float);
  if ("lazy" in value) return new postgres.LazyDbValue(made(value.lazy));
  if (Array.isArray(value)) return value.map(made);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, made(part)]));
}

export function statements(kind, address, list) {
  const connection = open(kind, address);
  return list.map((statement) => told(() => String(connection.execute(statement, []))));
}

export function query(kind, address, statement, params) {
  try {
    const connection = open(kind, address);
    const { columns, rows } = connection.query(statement, made(JSON.parse(params)));
    const types = columns.map((column) => ({ ...column, ordinal: Number(column.ordinal) }));
    return JSON.stringify({ columns: plain(types), rows: rows.map((row) => plain(row.values)) });
  } catch (error) {
    return failure(error);
  }
}

export function transact(kind, address, list, end) {
  const connection = open(kind, address);
  const transaction = connection.beginTransaction();
  const results = list.map((statement) => told(() => String(transaction.execute(statement, []))));
  results.push(
    told(() => {
      if (end === "commit") transaction.commit();
      else if (end === "rollback") transaction.rollback();
      else transaction[Symbol.dispose]();
      return end;
    }),
  );
  if (end !== "drop") results.push(told(() => String(transaction.execute("select 1", []))));
  return results;
}

function pages(stream) {
  let rows = 0;
  let count = 0;
  for (;;) {
    const page = stream.getNext();
    if (page === undefined) break;
    rows += page.length;
    count += 1;
  }
  return [rows, count];
}

export function readAll(kind, address, statement, inside) {
  const connection = open(kind, address);
  const transaction = inside ? connection.beginTransaction() : undefined;
  const opened = (transaction ?? connection).queryStream(statement, []);
  const [rows, count] = pages(opened);
  const after = opened.getNext() === undefined ? 0 : 1000;
  transaction?.commit();
  seen.push(`${rows} of ${opened.getColumns().map(({ name }) => name)}`);
  return Uint32Array.of(rows, count + after);
}

export function interleave(kind, address, statement, between) {
  const transaction = open(kind, address).beginTransaction();
  const opened = transaction.queryStream(statement, []);
  const first = opened.getNext().length;
  const changed = told(() => String(transaction.execute(between, [])));
  const [rest] = pages(opened);
  transaction.commit();
  seen.push(String(first + rest));
  return [changed, String(first + rest)];
}

export function abandon(kind, address, statement, after) {
  const transaction = open(kind, address).beginTransaction();
  const opened = transaction.queryStream(statement, []);
  opened.getNext();
  opened[Symbol.dispose]();
  const changed = told(() => String(transaction.execute(after, [])));
  transaction.commit();
  return changed;
}

export function many(kind, address, count) {
  const held = [];
  for (let index = 0; index < count; index++) held.push(open(kind, address));
  for (const each of held) each[Symbol.dispose]();
  return held.length;
}

export function hold(kind, address, count) {
  const held = [];
  const failures = [];
  for (let index = 0; index < count; index++) {
    try {
      held.push(open(kind, address).beginTransaction());
    } catch (error) {
      failures.push(failure(error));
    }
  }
  for (const each of held) each[Symbol.dispose]();
  return failures;
}

export function careful() {
  setIdempotenceMode(false);
}

export function observe() {
  return seen;
}
