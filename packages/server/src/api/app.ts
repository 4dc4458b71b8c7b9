/** The HTTP API as a function from requests to responses. */
import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import type { ComponentService } from "../component/component-service.ts";
import type { PluginService } from "../component/plugin-service.ts";
import type { ComponentRemoval } from "../cluster/component-removal.ts";
import type { ScheduleService } from "../cluster/schedule-service.ts";
import type { Entropy } from "../platform/entropy.ts";
import type { WorkerService } from "../cluster/worker-service.ts";
import type { RouteService } from "./gateway/route-service.ts";
import { docsPage } from "./docs-page.ts";
import { errorResponse, tooLarge, toResponse } from "./errors.ts";
import { componentRoutes } from "./routes/components.ts";
import { serveDocument } from "./openapi-document.ts";
import { fileRoutes } from "./routes/files.ts";
import { gatewayRoutes } from "./routes/gateway.ts";
import { invocationRoutes } from "./routes/invocations.ts";
import { oplogRoutes } from "./routes/oplog.ts";
import { pluginRoutes } from "./routes/plugins.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { serverRoutes } from "./routes/server.ts";
import { workerOperationRoutes } from "./routes/worker-operations.ts";
import { workerRoutes } from "./routes/workers.ts";

export interface AppOptions {
  readonly components: ComponentService;
  readonly plugins: PluginService;
  readonly workers: WorkerService;
  readonly schedules: ScheduleService;
  readonly entropy: Entropy;
  readonly removal: ComponentRemoval;
  readonly routes: RouteService;
  readonly version: string;
  /** True when calls are accepted and every worker that was running is being recovered. */
  readonly healthy: () => boolean;
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
  readonly requestBytesMax: number;
}

export function createApp(options: AppOptions): OpenAPIHono {
  const app = new OpenAPIHono();
  const limit = options.requestBytesMax;
  app.use(
    bodyLimit({
      maxSize: limit,
      onError: () => toResponse(errorResponse(tooLarge(limit))),
    }),
  );
  app.route("/", workerRoutes(options.workers));
  app.route("/", workerOperationRoutes(options.workers));
  app.route("/", oplogRoutes(options.workers));
  app.route("/", scheduleRoutes(options.schedules, options.entropy));
  app.route("/", componentRoutes(options));
  app.route("/", pluginRoutes(options));
  app.route("/", fileRoutes(options.workers, options.components));
  app.route("/", gatewayRoutes(options.routes));
  app.route("/", serverRoutes(options));
  for (const route of invocationRoutes) app.openAPIRegistry.registerPath(route);
  serveDocument(app, options.version);
  app.get("/docs", (context) => context.html(docsPage));
  app.notFound((context) => toResponse({ status: 404, body: { error: `Not found: ${context.req.path}` } }));
  app.onError((error) => toResponse(errorResponse(error)));
  return app;
}

/** Of all routes: `/v1/components/{component_id}`. */
export function pathTemplates(app: OpenAPIHono): readonly string[] {
  const paths = app.openAPIRegistry.definitions.flatMap((each) => (each.type === "route" ? [each.route.path] : []));
  return [...new Set(paths)];
}
