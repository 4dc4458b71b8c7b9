/** golem:rdbms/postgres (spec/host-interfaces.md §22). */
import { commonFunctions, recordsOf } from "./functions.ts";
import type { Values } from "./functions.ts";
import type { DbColumn, DbColumnType, DbValue, GolemRdbmsPostgres } from "../generated/golem-rdbms/postgres.ts";
import type { HostInterface } from "../interface.ts";
import { resource, sync } from "../interface.ts";
import { LazyDbColumnType, LazyDbValue, LazyValues } from "./lazy-values.ts";
import { parameterOf, ResultTypes } from "./postgres-trees.ts";
import { rdbmsRecords } from "./records.ts";

function valuesFor(lazy: LazyValues): Values<DbValue, DbColumn> {
  return {
    parameter: (value) => parameterOf(lazy.fromGuest(value)),
    columns: ({ columns, types }) => {
      const known = new ResultTypes(types);
      return columns.map(({ name, type }, index) => ({
        ordinal: BigInt(index),
        name,
        dbType: lazy.typeToGuest(known.treeOf(type)),
        dbTypeName: known.nameOf(type),
      }));
    },
    rows: ({ columns, types }, rows) => {
      const known = new ResultTypes(types);
      // All are converted before the first resource is made: none is left behind where one can't be.
      const trees = rows.map((row) =>
        row.map((cell, index) => known.decode(columns[index]?.type ?? 0, cell.val?.toString())),
      );
      return trees.map((row) => ({ values: row.map(lazy.toGuest) }));
    },
  };
}

const records = rdbmsRecords("postgres");

export const postgres: HostInterface<GolemRdbmsPostgres> = {
  name: "golem:rdbms/postgres@0.0.1",
  durable: recordsOf(records),
  bind: (context) => {
    const { resources } = context;
    const lazy = new LazyValues(resources);
    const drop = resource((representation) => resources.remove(representation));
    return {
      functions: {
        ...commonFunctions(context, "postgres", records, valuesFor(lazy)),
        "[constructor]lazy-db-value": sync((value: DbValue) => resources.add(new LazyDbValue(lazy.fromGuest(value)))),
        "[method]lazy-db-value.get": sync((self: number) => lazy.toGuest(resources.get(self, LazyDbValue).tree)),
        "[constructor]lazy-db-column-type": sync((type: DbColumnType) =>
          resources.add(new LazyDbColumnType(lazy.typeFromGuest(type))),
        ),
        "[method]lazy-db-column-type.get": sync((self: number) =>
          lazy.typeToGuest(resources.get(self, LazyDbColumnType).tree),
        ),
      },
      resources: {
        "lazy-db-value": drop,
        "lazy-db-column-type": drop,
        "db-connection": drop,
        "db-result-stream": drop,
        "db-transaction": drop,
      },
    };
  },
};
