/** Routes of custom HTTP APIs. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { newRouteSchema, routeSchema, emptySchema } from "@emet/contract";
import type { RouteService } from "../gateway/route-service.ts";
import { notFound } from "../errors.ts";
import { conflictResponse, errorResponses, json } from "../schemas.ts";
import { validationHook } from "../validation.ts";

const tags = ["API"];
const routesPath = "/v1/api/routes";
const routePath = `${routesPath}/{route_id}` as const;
const routeParams = z.object({ route_id: z.string() });

const list = createRoute({
  method: "get",
  path: routesPath,
  tags,
  summary: "All routes, in order of creation",
  responses: { 200: json("The routes", z.array(routeSchema)), ...errorResponses },
});

const add = createRoute({
  method: "post",
  path: routesPath,
  tags,
  summary: "Have requests answered by a component that exports wasi:http/incoming-handler",
  request: { body: { content: { "application/json": { schema: newRouteSchema } }, required: true } },
  responses: { 200: json("The route", routeSchema), ...conflictResponse, ...errorResponses },
});

const get = createRoute({
  method: "get",
  path: routePath,
  tags,
  summary: "A route",
  request: { params: routeParams },
  responses: { 200: json("The route", routeSchema), ...errorResponses },
});

const remove = createRoute({
  method: "delete",
  path: routePath,
  tags,
  summary: "Remove a route; requests under way are answered",
  request: { params: routeParams },
  responses: { 200: json("It is gone", emptySchema), ...errorResponses },
});

export function gatewayRoutes(service: RouteService): OpenAPIHono {
  const routes = new OpenAPIHono({ defaultHook: validationHook });
  routes.openapi(list, (context) => context.json([...service.routes], 200));
  routes.openapi(add, async (context) => context.json(await service.add(context.req.valid("json")), 200));
  routes.openapi(get, (context) => {
    const { route_id: id } = context.req.valid("param");
    const route = service.routes.find((item) => item.id === id);
    if (route === undefined) throw notFound(`Route not found: ${id}`);
    return context.json(route, 200);
  });
  routes.openapi(remove, async (context) => {
    const { route_id: id } = context.req.valid("param");
    if (!(await service.remove(id))) throw notFound(`Route not found: ${id}`);
    return context.json({}, 200);
  });
  return routes;
}
