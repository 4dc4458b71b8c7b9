/** The server itself: health, version, metrics (spec/service.md §1.1). */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { emptySchema } from "@emet/contract";
import { json } from "../schemas.ts";

export interface ServerRoutesOptions {
  readonly version: string;
  readonly healthy: () => boolean;
  readonly metrics: () => Promise<string>;
}

const tags = ["Server"];

const healthcheck = createRoute({
  method: "get",
  path: "/healthcheck",
  tags,
  summary: "Whether calls are accepted",
  responses: {
    200: json("They are", emptySchema),
    503: json("Not yet, or not any more", z.object({ error: z.string() })),
  },
});

const version = createRoute({
  method: "get",
  path: "/version",
  tags,
  summary: "The server's version",
  responses: { 200: json("The version", z.object({ version: z.string() })) },
});

const metrics = createRoute({
  method: "get",
  path: "/metrics",
  tags,
  summary: "Metrics for Prometheus",
  responses: { 200: { description: "Text", content: { "text/plain": { schema: z.string() } } } },
});

export function serverRoutes(options: ServerRoutesOptions): OpenAPIHono {
  const routes = new OpenAPIHono();
  routes.openapi(healthcheck, (context) =>
    options.healthy() ? context.json({}, 200) : context.json({ error: "The server is not ready" }, 503),
  );
  routes.openapi(version, (context) => context.json({ version: options.version }, 200));
  routes.openapi(metrics, async (context) => {
    context.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return context.body(await options.metrics()) as never;
  });
  return routes;
}
