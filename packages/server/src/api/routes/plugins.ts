/** Plugins and their installations in components (spec/service.md §2.1). */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import {
  emptySchema,
  isComponentId,
  newPluginSchema,
  pluginDefinitionSchema,
  pluginInstallationCreationSchema,
  pluginInstallationSchema,
  pluginInstallationUpdateSchema,
} from "@emet/contract";
import type { PluginDefinition, PluginScope } from "@emet/contract";
import { componentJson } from "../../component/component-json.ts";
import type { WorkerService } from "../../cluster/worker-service.ts";
import type { ComponentService } from "../../component/component-service.ts";
import type { PluginService } from "../../component/plugin-service.ts";
import { notFound } from "../errors.ts";
import { componentParams, conflictResponse, errorResponses, json, versionParameter, workerParams } from "../schemas.ts";
import { validationHook } from "../validation.ts";

const tags = ["Plugin"];

const body = <S extends z.ZodType>(schema: S) => ({
  body: { content: { "application/json": { schema } }, required: true },
});

const scopeParameter = z
  .string()
  .refine(
    (text) => text === "global" || (text.startsWith("component:") && isComponentId(text.slice(10))),
    "Invalid scope: it must be global or component:{component_id}",
  )
  .transform((text): PluginScope =>
    text === "global" ? { type: "Global" } : { type: "Component", componentId: text.slice(10).toLowerCase() },
  );

const installationId = z
  .string()
  .refine(isComponentId, "Invalid installation id: it must be a UUID")
  .transform((id) => id.toLowerCase());

const installationParams = componentParams.extend({ installation_id: installationId });

const pluginParams = z.object({ name: z.string(), version: z.string() });

const list = createRoute({
  method: "get",
  path: "/v1/plugins",
  tags,
  summary: "All plugins, or those that can be installed within a scope",
  request: { query: z.object({ scope: scopeParameter.optional() }) },
  responses: { 200: json("The plugins", z.array(pluginDefinitionSchema)), ...errorResponses },
});

const register = createRoute({
  method: "post",
  path: "/v1/plugins",
  tags,
  summary: "Register a plugin",
  request: body(newPluginSchema),
  responses: { 200: json("Registered", emptySchema), ...conflictResponse, ...errorResponses },
});

const versions = createRoute({
  method: "get",
  path: "/v1/plugins/{name}",
  tags,
  summary: "All versions of a plugin",
  request: { params: pluginParams.pick({ name: true }) },
  responses: { 200: json("The versions", z.array(pluginDefinitionSchema)), ...errorResponses },
});

const get = createRoute({
  method: "get",
  path: "/v1/plugins/{name}/{version}",
  tags,
  summary: "One version of a plugin",
  request: { params: pluginParams },
  responses: { 200: json("The plugin", pluginDefinitionSchema), ...errorResponses },
});

const remove = createRoute({
  method: "delete",
  path: "/v1/plugins/{name}/{version}",
  tags,
  summary: "Remove a plugin; where it is installed it stays",
  request: { params: pluginParams },
  responses: { 200: json("Removed", emptySchema), ...errorResponses },
});

const installations = createRoute({
  method: "get",
  path: "/v1/components/{component_id}/versions/{version}/plugins/installs",
  tags,
  summary: "The plugins that a version of a component has installed",
  request: { params: componentParams.extend({ version: versionParameter }) },
  responses: { 200: json("The installations", z.array(pluginInstallationSchema)), ...errorResponses },
});

const install = createRoute({
  method: "post",
  path: "/v1/components/{component_id}/latest/plugins/installs",
  tags,
  summary: "Install a plugin, which makes a new version of the component",
  request: { params: componentParams, ...body(pluginInstallationCreationSchema) },
  responses: { 200: json("The installation", pluginInstallationSchema), ...errorResponses },
});

const updateInstallation = createRoute({
  method: "put",
  path: "/v1/components/{component_id}/versions/latest/plugins/installs/{installation_id}",
  tags,
  summary: "Change the settings of an installed plugin, which makes a new version of the component",
  request: { params: installationParams, ...body(pluginInstallationUpdateSchema) },
  responses: { 200: json("Changed", emptySchema), ...errorResponses },
});

const uninstall = createRoute({
  method: "delete",
  path: "/v1/components/{component_id}/latest/plugins/installs/{installation_id}",
  tags,
  summary: "Uninstall a plugin, which makes a new version of the component",
  request: { params: installationParams },
  responses: { 200: json("Uninstalled", emptySchema), ...errorResponses },
});

const workerPath = "/v1/components/{component_id}/workers/{worker_name}" as const;
const switching = {
  method: "post" as const,
  tags: ["Worker"],
  request: { params: workerParams, query: z.object({ "plugin-installation-id": installationId }) },
  responses: { 200: json("Switched, durably", emptySchema), ...errorResponses },
};

const activate = createRoute({
  ...switching,
  path: `${workerPath}/activate-plugin`,
  summary: "Switch a plugin on that the worker's component version has installed",
});

const deactivate = createRoute({
  ...switching,
  path: `${workerPath}/deactivate-plugin`,
  summary: "Switch a plugin off that the worker's component version has installed",
});

/** Options that weren't given are null. */
function shown(definition: PluginDefinition): PluginDefinition {
  const { specs } = definition;
  if (specs.type !== "ComponentTransformer") return definition;
  return { ...definition, specs: { providedWitPackage: null, jsonSchema: null, ...specs } };
}

export interface PluginRoutesOptions {
  readonly plugins: PluginService;
  readonly components: ComponentService;
  readonly workers: WorkerService;
}

export function pluginRoutes({ plugins, components, workers }: PluginRoutesOptions): OpenAPIHono {
  const routes = new OpenAPIHono({ defaultHook: validationHook });
  routes.openapi(list, async (context) => {
    const { scope } = context.req.valid("query");
    return context.json((await plugins.list(scope)).map(shown), 200);
  });
  routes.openapi(register, async (context) => {
    await plugins.register(context.req.valid("json"));
    return context.json({}, 200);
  });
  routes.openapi(versions, async (context) => {
    const { name } = context.req.valid("param");
    return context.json((await plugins.versions(name)).map(shown), 200);
  });
  routes.openapi(get, async (context) => {
    const { name, version } = context.req.valid("param");
    return context.json(shown(await plugins.get(name, version)), 200);
  });
  routes.openapi(remove, async (context) => {
    const { name, version } = context.req.valid("param");
    await plugins.remove(name, version);
    return context.json({}, 200);
  });
  addInstallations(routes, plugins, components);
  addSwitches(routes, workers);
  return routes;
}

function addInstallations(routes: OpenAPIHono, plugins: PluginService, components: ComponentService): void {
  routes.openapi(installations, async (context) => {
    const { component_id: id, version } = context.req.valid("param");
    const record = await components.get(id, version);
    if (record === undefined) throw notFound(`Component not found: ${id} version ${version}`);
    return context.json(componentJson(record).installedPlugins, 200);
  });
  routes.openapi(install, async (context) => {
    const { component_id: id } = context.req.valid("param");
    return context.json(await plugins.install(id, context.req.valid("json")), 200);
  });
  routes.openapi(updateInstallation, async (context) => {
    const { component_id: id, installation_id: installation } = context.req.valid("param");
    await plugins.update(id, installation, context.req.valid("json"));
    return context.json({}, 200);
  });
  routes.openapi(uninstall, async (context) => {
    const { component_id: id, installation_id: installation } = context.req.valid("param");
    await plugins.uninstall(id, installation);
    return context.json({}, 200);
  });
}

function addSwitches(routes: OpenAPIHono, workers: WorkerService): void {
  const switches = [
    [activate, true],
    [deactivate, false],
  ] as const;
  for (const [route, active] of switches) {
    routes.openapi(route, async (context) => {
      const { component_id: componentId, worker_name: workerName } = context.req.valid("param");
      const id = context.req.valid("query")["plugin-installation-id"];
      await workers.switchPlugin({ componentId, workerName }, id, active);
      return context.json({}, 200);
    });
  }
}
