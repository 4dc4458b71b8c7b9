import type { ScanCursor, WorkerMetadata, WorkerQuery } from "@emet/contract/client";
import { defineCommand } from "../../command.ts";
import { usageError } from "../../failure.ts";
import { statusStyle } from "../../output/style.ts";
import { table } from "../../output/text.ts";
import { defaultComponent } from "../../references.ts";
import { workerData } from "../../views.ts";

const pageCount = 1000;

const columns = [
  { title: "name" },
  { title: "version", align: "right" },
  { title: "status", style: statusStyle },
  { title: "created at" },
] as const;

export const command = defineCommand({
  summary: "show the workers of a component",
  details:
    "A filter is PROPERTY COMPARATOR VALUE. Properties: name, env.NAME, version, status, created_at. Comparators: = and != " +
    "for all, like and notlike for texts, <, <=, > and >= for the others. All filters must hold.",
  arguments: { component: { summary: "name, id or URN", optional: true, completes: "component" } },
  options: {
    filter: { kind: "list", short: "f", value: "filter", summary: '"status = Idle"; repeatable' },
    precise: { kind: "flag", summary: "compute each status from the oplog rather than from the index" },
    count: { kind: "integer", short: "n", value: "count", summary: "one page of this size (default: all workers)" },
    cursor: { kind: "text", value: "layer/cursor", summary: "where the page begins, as the page before says" },
  },
  examples: [
    { line: 'emet worker list cart -f "status = Idle" -f "version < 2"', summary: "Idle workers on older versions." },
    { line: "emet worker list cart -n 20", summary: "The first twenty, and how to go on." },
  ],
  run: async ({ args, options: { filter, precise, count, cursor }, session }) => {
    const { componentId } = (await defaultComponent(session, args.component)).versionedComponentId;
    const query = { filters: filter, precise, cursor: cursor === undefined ? undefined : parseCursor(cursor) };
    const { emet, out } = session;
    if (count !== undefined) {
      const page = await emet.workers.page(componentId, { ...query, count });
      await out.result({ workers: page.workers.map(workerData), cursor: page.cursor }, () =>
        workersTable(page.workers),
      );
      if (page.cursor !== null) out.note(`There may be more: --cursor ${page.cursor.layer}/${page.cursor.cursor}`);
      return;
    }
    const workers = await all(emet.workers.list(componentId, { ...query, count: pageCount } satisfies WorkerQuery));
    await out.result({ workers: workers.map(workerData), cursor: null }, () => workersTable(workers));
  },
});

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function workersTable(workers: readonly WorkerMetadata[]): string {
  const rows = workers.map(({ workerId, componentVersion, status, createdAt }) => [
    workerId.workerName,
    componentVersion,
    status,
    createdAt,
  ]);
  return table(columns, rows);
}

function parseCursor(text: string): ScanCursor {
  const [, layer, cursor] = /^(\d{1,15})\/(\d{1,15})$/u.exec(text) ?? [];
  if (layer === undefined || cursor === undefined) throw usageError(`--cursor: "${text}" must be LAYER/CURSOR`);
  return { layer: Number(layer), cursor: Number(cursor) };
}
