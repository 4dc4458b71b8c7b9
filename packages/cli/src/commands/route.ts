import type { Command } from "commander";
import { environmentVariable, settings } from "@emet/server";
import type { NewRoute, Route } from "@emet/contract";

interface AddOptions {
  readonly host?: string;
  readonly method?: readonly string[];
  readonly worker?: string;
  readonly workerParameter?: string;
  readonly workerHeader?: string;
}

function defaultUrl(): string {
  const given = (name: "host" | "port"): string =>
    process.env[environmentVariable(name)] ?? String(settings[name].default());
  return `http://${given("host")}:${given("port")}`;
}

/** Calls the server; what it refuses ends the command with its words. */
async function call(url: string, method: string, path: string, json?: unknown): Promise<unknown> {
  const body =
    json === undefined ? {} : { body: JSON.stringify(json), headers: { "content-type": "application/json" } };
  const response = await fetch(`${url}/v1/api/routes${path}`, { method, ...body }).catch((error: unknown) => {
    throw new Error(`cannot reach the server at ${url}`, { cause: error });
  });
  const answer = (await response.json()) as { readonly error?: string; readonly errors?: readonly string[] };
  if (response.ok) return answer;
  throw new Error(answer.errors?.join("; ") ?? answer.error ?? `the server answered ${response.status}`);
}

function describeWorker({ worker }: Route): string {
  if (worker === undefined) return "(a new one for each request)";
  if ("name" in worker) return worker.name;
  return "header" in worker ? `(header ${worker.header})` : `{${worker.pathParameter}}`;
}

function row(route: Route): readonly string[] {
  const { id, host = "*", path, methods = ["*"], component } = route;
  return [id, methods.join(","), host, path, component, describeWorker(route)];
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  for (const cells of rows)
    console.log(
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
}

function newRoute(path: string, component: string, options: AddOptions): NewRoute {
  const { host, method, worker: name, workerParameter: pathParameter, workerHeader: header } = options;
  const workers = [
    ...(name === undefined ? [] : [{ name }]),
    ...(pathParameter === undefined ? [] : [{ pathParameter }]),
    ...(header === undefined ? [] : [{ header }]),
  ];
  if (workers.length > 1) throw new Error("only one of --worker, --worker-parameter and --worker-header can be given");
  const [worker] = workers;
  return {
    path,
    component,
    ...(host === undefined ? {} : { host }),
    ...(method === undefined ? {} : { methods: method.map((item) => item.toUpperCase()) }),
    ...(worker === undefined ? {} : { worker }),
  };
}

async function report(work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) => {
    console.error(`emet: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}

/** `emet route`: which workers answer the requests to custom HTTP APIs. */
export function addRouteCommand(program: Command): void {
  const command = program.command("route").description("routes of custom HTTP APIs");
  const urlOption = ["--url <url>", "the server's address", defaultUrl()] as const;
  command
    .command("list")
    .description("show all routes")
    .option(...urlOption)
    .action(({ url }: { readonly url: string }) =>
      report(async () => {
        const routes = (await call(url, "GET", "")) as readonly Route[];
        printTable([["id", "methods", "host", "path", "component", "worker"], ...routes.map(row)]);
      }),
    );
  command
    .command("add")
    .description("have a component answer requests")
    .argument("<path>", "a prefix of paths; segments may be parameters: /shops/{shop}")
    .argument("<component>", "name or id of a component that exports wasi:http/incoming-handler")
    .option(...urlOption)
    .option("--host <host>", "only requests to this host")
    .option("--method <method...>", "only requests with these methods")
    .option("--worker <name>", "the worker that answers")
    .option("--worker-parameter <name>", "the parameter of the path that names the worker")
    .option("--worker-header <name>", "the header that names the worker")
    .action((path: string, component: string, { url, ...options }: AddOptions & { readonly url: string }) =>
      report(async () => {
        const route = (await call(url, "POST", "", newRoute(path, component, options))) as Route;
        console.log(route.id);
      }),
    );
  command
    .command("remove")
    .description("remove a route")
    .argument("<id>")
    .option(...urlOption)
    .action((id: string, { url }: { readonly url: string }) =>
      report(async () => {
        await call(url, "DELETE", `/${encodeURIComponent(id)}`);
      }),
    );
}
