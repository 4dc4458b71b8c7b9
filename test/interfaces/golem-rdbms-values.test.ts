/** golem:rdbms: every type of both databases, read from a column and sent as a parameter. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { Client } from "../support/client.ts";
import { TestDatabase } from "../support/databases.ts";
import { jsGuest } from "../support/js-guest.ts";
import { mysqlValues, postgresTypes, postgresValues } from "../support/rdbms-values.ts";
import { TestServer } from "../support/server.ts";

interface Told {
  readonly columns: readonly { readonly dbType: unknown; readonly dbTypeName: string; readonly name: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

const suites = [
  { kind: "postgres", values: postgresValues, prepare: postgresTypes, place: "$1" },
  { kind: "mysql", values: mysqlValues, prepare: [], place: "?" },
] as const;

for (const { kind, values, prepare, place } of suites) {
  const database = await TestDatabase.start(kind);
  if (database === undefined) continue;
  describe(`golem:rdbms/${kind}, values`, async () => {
    const server = await TestServer.start();
    after(async () => {
      await server[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    });
    const client = new Client(() => server.url);
    const worker = client.worker(await client.upload("rdbms", await jsGuest("rdbms")), kind);
    const execute = async (...statements: readonly string[]): Promise<unknown> =>
      await worker.invoke("statements", [kind, database.address, statements]);
    const query = async (statement: string, params: readonly unknown[] = []): Promise<Told> => {
      const told = await worker.invoke("query", [kind, database.address, statement, JSON.stringify(params)]);
      assert.match(String(told), /^\{/u);
      return JSON.parse(String(told)) as Told;
    };
    await execute(...prepare);
    for (const [index, { type, literal, value, column, typeName }] of values.entries()) {
      test(`${type}: ${literal}`, async () => {
        const table = `t${index}`;
        assert.deepEqual(
          await execute(`create table ${table} (v ${type} null)`, `insert into ${table} values (${literal})`),
          ["0", "1"],
        );
        const read = await query(`select v from ${table}`);
        assert.deepEqual(read.rows, [[value]]);
        assert.deepEqual(read.columns[0]?.dbType, column ?? { tag: value.tag });
        if (typeName !== undefined) assert.equal(read.columns[0]?.dbTypeName, typeName);
        // The same value, sent: it is stored, and comes back.
        const insert = JSON.stringify([value]);
        await execute(`delete from ${table}`);
        const sent = await worker.invoke("query", [
          kind,
          database.address,
          `insert into ${table} values (${place})`,
          insert,
        ]);
        assert.equal(sent, '{"columns":[],"rows":[]}');
        assert.deepEqual((await query(`select v from ${table}`)).rows, [[value]]);
      });
    }
  });
}
