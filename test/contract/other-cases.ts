/** The server itself and custom HTTP APIs, and what all operations refuse alike. */
import type { Case, Cases } from "./cases.ts";
import type { Operation, OperationName } from "./document.ts";

export const otherCases: Cases = {
  "get /healthcheck": [{ it: "is well", body: {} }],
  "get /version": [{ it: "tells the version" }],
  "get /metrics": [{ it: "tells figures" }],
  "get /v1/api/routes": [{ it: "lists them" }],
  "post /v1/api/routes": [
    {
      it: "adds one",
      json: { path: "/new/{name}", methods: ["GET"], component: "handler", worker: { pathParameter: "name" } },
      has: { path: "/new/{name}", methods: ["GET"], component: "handler", worker: { pathParameter: "name" } },
    },
    { it: "adds it once", json: { path: "/new/{other}", methods: ["GET"], component: "handler" }, status: 409 },
    { it: "needs a path", json: { path: "new", component: "handler" }, status: 400, says: "path" },
    { it: "needs a component that there is", json: { path: "/x", component: "unknown" }, status: 400, says: "unknown" },
    { it: "needs a component that answers", json: { path: "/x", component: "probe" }, status: 400, says: "export" },
    { it: "knows its members", json: { path: "/x", component: "handler", more: 1 }, status: 400 },
  ],
  "get /v1/api/routes/{route_id}": [
    { it: "gives one", path: { route_id: "$route" }, has: { path: "/known" } },
    { it: "knows no other", path: { route_id: "$unknown" }, status: 404 },
  ],
  "delete /v1/api/routes/{route_id}": [
    { it: "removes one", path: { route_id: "$route" }, body: {} },
    { it: "removes it once", path: { route_id: "$route" }, status: 404 },
  ],
};

const worker = "/v1/components/{component_id}/workers/{worker_name}";

/** They make the worker that they name, now or later. */
const creating: readonly OperationName[] = [
  `post ${worker}/invoke`,
  `post ${worker}/invoke-and-await`,
  `post ${worker}/schedules`,
  `get ${worker}/files/{path}`,
  `get ${worker}/file-contents/{path}`,
];

/** They look for something else first, whose absence they tell in another way. */
const otherwise: readonly OperationName[] = [
  `get ${worker}/connect`,
  `post ${worker}/complete`,
  `delete ${worker}/schedules/{schedule_id}`,
];

/** Beyond its own rows: what an operation refuses because of the forms of its path and of its body. */
export function refusals(
  name: OperationName,
  { requestBody, parameters = [] }: Operation,
  good: Case,
): readonly Case[] {
  const rows: Case[] = [];
  const has = (parameter: string): boolean => parameters.some((each) => each.in === "path" && each.name === parameter);
  const other = (it: string, path: Case["path"], status: number): void => {
    const { calls: _calls, body: _body, has: _has, says: _says, golemError: _golemError, ...rest } = good;
    rows.push({ ...rest, it, path: { ...good.path, ...path }, status });
  };
  if (has("component_id")) {
    other("needs the id of a component", { component_id: "probe" }, 400);
    if (!otherwise.includes(name)) other("needs a component that there is", { component_id: "$unknown" }, 404);
  }
  if (has("worker_name")) {
    other("needs the name of a worker", { worker_name: "-x" }, 400);
    other("needs the name of a worker without spaces", { worker_name: "a b" }, 400);
    if (!creating.includes(name) && !otherwise.includes(name))
      other("needs a worker that there is", { worker_name: "nobody" }, 404);
  }
  if (requestBody?.content["application/json"] !== undefined) {
    const { json: _json, calls: _calls, body: _body, has: _has, ...rest } = good;
    for (const text of ["", "{", "null", "[]", '"text"']) {
      rows.push({ ...rest, it: `needs an object, not ${text === "" ? "nothing" : text}`, text, status: 400 });
    }
  }
  return rows;
}
