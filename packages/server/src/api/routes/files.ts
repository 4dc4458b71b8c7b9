/** What clients see of the files of components and workers (spec/service.md §2.1, §3.1). */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { fileListSchema } from "@emet/contract";
import type { FileNode } from "@emet/contract";
import type { WorkerService } from "../../cluster/worker-service.ts";
import type { ComponentService } from "../../component/component-service.ts";
import type { ListedFile } from "../../worker/worker-files.ts";
import { notFound } from "../errors.ts";
import { componentParams, errorResponses, json, versionParameter, workerParams } from "../schemas.ts";
import { validationHook } from "../validation.ts";

const workerPath = "/v1/components/{component_id}/workers/{worker_name}";
const filesPath = `${workerPath}/files` as const;
const contentsPath = `${workerPath}/file-contents` as const;

const binary = { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } };
const pathParams = workerParams.extend({ path: z.string() });

const list = createRoute({
  method: "get",
  path: `${filesPath}/{path}`,
  tags: ["Worker"],
  summary: "What a directory of a worker holds; the slashes of its path are escaped",
  request: { params: pathParams },
  responses: { 200: json("Files and directories by name", fileListSchema), ...errorResponses },
});

const content = createRoute({
  method: "get",
  path: `${contentsPath}/{path}`,
  tags: ["Worker"],
  summary: "What a file of a worker holds; the slashes of its path are escaped",
  request: { params: pathParams },
  responses: { 200: { description: "The bytes", content: binary }, ...errorResponses },
});

const initialContent = createRoute({
  method: "get",
  path: "/v1/components/{component_id}/versions/{version}/file-contents/{file_key}",
  tags: ["Component"],
  summary: "What an initial file of a version holds",
  request: { params: componentParams.extend({ version: versionParameter, file_key: z.string() }) },
  responses: { 200: { description: "The bytes", content: binary }, ...errorResponses },
});

function bytesResponse(bytes: Uint8Array): Response {
  return new Response(Uint8Array.from(bytes), { headers: { "content-type": "application/octet-stream" } });
}

function fileNode({ name, lastModified, file }: ListedFile): FileNode {
  const permissions = file?.readOnly === true ? "read-only" : "read-write";
  return {
    name,
    lastModified: Number(lastModified),
    kind: file === undefined ? "directory" : "file",
    permissions: file === undefined ? null : permissions,
    size: file?.size ?? null,
  };
}

export function fileRoutes(workers: WorkerService, components: ComponentService): OpenAPIHono {
  const routes = new OpenAPIHono({ defaultHook: validationHook });
  routes.openapi(initialContent, async (context) => {
    const { component_id: id, version, file_key: key } = context.req.valid("param");
    const bytes = await components.fileContent(id, version, key);
    if (bytes === undefined) throw notFound(`Component ${id} version ${version} has no file with the key ${key}`);
    return bytesResponse(bytes);
  });
  routes.openapi(list, async (context) => {
    const { component_id: componentId, worker_name: workerName, path } = context.req.valid("param");
    const files = await workers.listFiles({ componentId, workerName }, `/${path.replace(/^\//u, "")}`);
    return context.json({ nodes: files.map(fileNode) }, 200);
  });
  routes.openapi(content, async (context) => {
    const { component_id: componentId, worker_name: workerName, path } = context.req.valid("param");
    return bytesResponse(await workers.fileContent({ componentId, workerName }, `/${path.replace(/^\//u, "")}`));
  });
  // A path is one segment; who writes its slashes plainly, or none for the root, is led there.
  routes.get("/v1/components/:component_id/workers/:worker_name/:kind{files|file-contents}/*", (context) => {
    const [, start = "", path = ""] =
      /^(.*?\/file(?:s|-contents)\/)(.*)$/u.exec(new URL(context.req.url).pathname) ?? [];
    return context.redirect(`${start}${path === "" ? "%2F" : path.replaceAll("/", "%2F")}`, 307);
  });
  return routes;
}
