/** Components: upload, versions, download (spec/service.md §2.1). */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import {
  componentSchema,
  componentTypeSchema,
  dynamicLinkingSchema,
  emptySchema,
  filePermissionsSchema,
} from "@emet/contract";
import type { DynamicLinking } from "@emet/contract";
import type { ComponentRemoval } from "../../cluster/component-removal.ts";
import type { ComponentService, Upload } from "../../component/component-service.ts";
import { componentJson } from "../../component/component-json.ts";
import type { RouteService } from "../gateway/route-service.ts";
import { badRequest, conflict, notFound } from "../errors.ts";
import { componentParams, conflictResponse, errorResponses, json, versionParameter } from "../schemas.ts";
import { validationHook } from "../validation.ts";

const tags = ["Component"];

const uploadFields = {
  component: z.instanceof(File).openapi({ type: "string", format: "binary" }),
  componentType: componentTypeSchema.optional(),
  /** JSON text: the client instances that calls of other components are made through. */
  dynamicLinking: z.string().optional(),
  /** ZIP: the files that workers begin with. Without `filesPermissions` it has no effect. */
  files: z.instanceof(File).openapi({ type: "string", format: "binary" }).optional(),
  /** JSON text: `{"values":[{"path":"/data/a.txt","permissions":"read-write"}]}`; other files become read-only. */
  filesPermissions: z.string().optional(),
};

const multipart = <S extends z.ZodType>(schema: S) => ({
  body: { content: { "multipart/form-data": { schema } }, required: true },
});

const create = createRoute({
  method: "post",
  path: "/v1/components",
  tags,
  summary: "Upload a new component",
  request: multipart(z.object({ name: z.string(), ...uploadFields })),
  responses: { 200: json("The component, version 0", componentSchema), ...conflictResponse, ...errorResponses },
});

const list = createRoute({
  method: "get",
  path: "/v1/components",
  tags,
  summary: "All components, or all versions of the component of a name",
  request: { query: z.object({ "component-name": z.string().optional() }) },
  responses: { 200: json("The components", z.array(componentSchema)), ...errorResponses },
});

const versions = createRoute({
  method: "get",
  path: "/v1/components/{component_id}",
  tags,
  summary: "All versions of a component",
  request: { params: componentParams },
  responses: { 200: json("The versions", z.array(componentSchema)), ...errorResponses },
});

const latest = createRoute({
  method: "get",
  path: "/v1/components/{component_id}/latest",
  tags,
  summary: "The latest version of a component",
  request: { params: componentParams },
  responses: { 200: json("The version", componentSchema), ...errorResponses },
});

const version = createRoute({
  method: "get",
  path: "/v1/components/{component_id}/versions/{version}",
  tags,
  summary: "One version of a component",
  request: { params: componentParams.extend({ version: versionParameter }) },
  responses: { 200: json("The version", componentSchema), ...errorResponses },
});

const binarySchema = z.string().openapi({ format: "binary" });
const binaryContent = { "application/octet-stream": { schema: binarySchema } };

const download = createRoute({
  method: "get",
  path: "/v1/components/{component_id}/download",
  tags,
  summary: "The binary of a version, of the latest if none is given",
  request: { params: componentParams, query: z.object({ version: versionParameter.optional() }) },
  responses: { 200: { description: "The binary as it was uploaded", content: binaryContent }, ...errorResponses },
});

const upload = createRoute({
  method: "put",
  path: "/v1/components/{component_id}/upload",
  tags,
  summary: "Upload a new version as the body",
  request: {
    params: componentParams,
    query: z.object({ component_type: componentTypeSchema.optional() }),
    body: { content: binaryContent },
  },
  responses: { 200: json("The new version", componentSchema), ...errorResponses },
});

const update = createRoute({
  method: "post",
  path: "/v1/components/{component_id}/updates",
  tags,
  summary: "Upload a new version as a form",
  request: { params: componentParams, ...multipart(z.object(uploadFields)) },
  responses: { 200: json("The new version", componentSchema), ...errorResponses },
});

const remove = createRoute({
  method: "delete",
  path: "/v1/components/{component_id}",
  tags,
  summary: "Delete a component with all its versions",
  request: { params: componentParams, query: z.object({ "delete-workers": z.enum(["true", "false"]).optional() }) },
  responses: {
    200: json("Nothing is left of it", emptySchema),
    409: json("It has workers, or a route leads to it", z.object({ error: z.string() })),
    ...errorResponses,
  },
});

const removeVersion = createRoute({
  method: "delete",
  path: "/v1/components/{component_id}/versions/{version}",
  tags,
  summary: "Delete a version of a component",
  request: { params: componentParams.extend({ version: versionParameter }) },
  responses: {
    200: json("Nothing is left of it", emptySchema),
    409: json("It is the latest one, or a worker or a plugin may need it", z.object({ error: z.string() })),
    ...errorResponses,
  },
});

function found<T>(record: T | undefined, componentId: string): T {
  if (record === undefined) throw notFound(`Component not found: ${componentId}`);
  return record;
}

async function uploadOf(form: {
  readonly component: File;
  readonly componentType?: Upload["componentType"];
  readonly dynamicLinking?: string | undefined;
  readonly files?: File | undefined;
  readonly filesPermissions?: string | undefined;
}): Promise<Upload> {
  const { files, filesPermissions } = form;
  return {
    binary: new Uint8Array(await form.component.arrayBuffer()),
    componentType: form.componentType,
    dynamicLinking: form.dynamicLinking === undefined ? undefined : linkingOf(form.dynamicLinking),
    files: files === undefined || filesPermissions === undefined ? undefined : await filesOf(files, filesPermissions),
  };
}

const linkingForm = z.object({ dynamicLinking: dynamicLinkingSchema });

function linkingOf(text: string): DynamicLinking {
  return fromText("dynamicLinking", text, linkingForm).dynamicLinking;
}

async function filesOf(archive: File, permissionsText: string): Promise<Upload["files"]> {
  const { values } = fromText("filesPermissions", permissionsText, filePermissionsSchema);
  return {
    archive: new Uint8Array(await archive.arrayBuffer()),
    permissions: new Map(values.map(({ path, permissions }) => [path, permissions])),
  };
}

/** The value of a form's field that is JSON text. */
function fromText<T>(field: string, text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw badRequest(`${field}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export interface ComponentRoutesOptions {
  readonly components: ComponentService;
  readonly removal: ComponentRemoval;
  readonly routes: Pick<RouteService, "routes">;
}

export function componentRoutes({ components, ...others }: ComponentRoutesOptions): OpenAPIHono {
  const routes = new OpenAPIHono({ defaultHook: validationHook });
  routes.openapi(create, async (context) => {
    const form = context.req.valid("form");
    return context.json(componentJson(await components.create(form.name, await uploadOf(form))), 200);
  });
  routes.openapi(list, async (context) => {
    const records = await components.list(context.req.valid("query")["component-name"]);
    return context.json(records.map(componentJson), 200);
  });
  routes.openapi(versions, async (context) => {
    const { component_id: id } = context.req.valid("param");
    const records = await components.versions(id);
    found(records[0], id);
    return context.json(records.map(componentJson), 200);
  });
  routes.openapi(latest, async (context) => {
    const { component_id: id } = context.req.valid("param");
    return context.json(componentJson(found(await components.latest(id), id)), 200);
  });
  routes.openapi(version, async (context) => {
    const { component_id: id, version: number } = context.req.valid("param");
    return context.json(componentJson(found(await components.get(id, number), id)), 200);
  });
  addUploads(routes, components);
  addRemoval(routes, components, others);
  return routes;
}

function addUploads(routes: OpenAPIHono, components: ComponentService): void {
  routes.openapi(download, async (context) => {
    const { component_id: id } = context.req.valid("param");
    const asked = context.req.valid("query").version;
    const record = found(asked === undefined ? await components.latest(id) : await components.get(id, asked), id);
    const binary = await components.binary(id, record.version);
    if (binary === undefined) throw notFound(`The binary of component ${id} version ${record.version} is missing`);
    return new Response(Uint8Array.from(binary), { headers: { "content-type": "application/octet-stream" } });
  });
  routes.openapi(upload, async (context) => {
    const { component_id: id } = context.req.valid("param");
    const { component_type: componentType } = context.req.valid("query");
    const binary = new Uint8Array(await context.req.arrayBuffer());
    if (binary.length === 0) throw badRequest("The body must be the component's binary");
    return context.json(componentJson(await components.update(id, { binary, componentType })), 200);
  });
  routes.openapi(update, async (context) => {
    const { component_id: id } = context.req.valid("param");
    const record = await components.update(id, await uploadOf(context.req.valid("form")));
    return context.json(componentJson(record), 200);
  });
}

function addRemoval(
  routes: OpenAPIHono,
  components: ComponentService,
  { removal, routes: custom }: Omit<ComponentRoutesOptions, "components">,
): void {
  routes.openapi(remove, async (context) => {
    const { component_id: id } = context.req.valid("param");
    const withWorkers = context.req.valid("query")["delete-workers"] === "true";
    const { componentName } = found(await components.latest(id), id);
    const route = custom.routes.find(({ component }) => component === componentName || component === id);
    if (route !== undefined) throw conflict(`Component ${id} is used by route ${route.id}`);
    const result = await removal.remove(id, withWorkers);
    if (result === "in-use") throw conflict(`Component ${id} has workers; they are deleted with delete-workers=true`);
    found(result === "ended" ? {} : undefined, id);
    return context.json({}, 200);
  });
  routes.openapi(removeVersion, async (context) => {
    const { component_id: componentId, version: number } = context.req.valid("param");
    const result = await removal.removeVersion({ componentId, version: number });
    const name = `version ${number} of component ${componentId}`;
    if (result.kind === "in-use") throw conflict(`Cannot delete ${name}: ${result.use}`);
    if (result.kind === "unknown") throw notFound(`Component not found: ${name}`);
    return context.json({}, 200);
  });
}
