/** Schemas that contain themselves, for the OpenAPI document; other schemas refer to them by name. */
import { simpleFilterSchema } from "@emet/contract";
import { z } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";

type Schema = { readonly [keyword: string]: unknown };

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const list = (items: Schema): Schema => ({ type: "array", items });
const text: Schema = { type: "string" };

/** An object that a member `type` tells from others. */
function tagged(type: string | readonly string[], members: { readonly [name: string]: Schema } = {}): Schema {
  const tag = { type: "string", enum: [type].flat() };
  return { type: "object", properties: { type: tag, ...members }, required: ["type", ...Object.keys(members)] };
}

function named(typ: Schema): Schema {
  return { type: "object", properties: { name: text, typ }, required: ["name", "typ"] };
}

const type = ref("Type");
const optionalType: Schema = { oneOf: [type, { type: "null" }] };
const filter = ref("WorkerFilter");

const definitions: { readonly [name: string]: Schema } = {
  Type: {
    oneOf: [
      tagged(["Bool", "U8", "U16", "U32", "U64", "S8", "S16", "S32", "S64", "F32", "F64", "Chr", "Str"]),
      tagged("List", { inner: type }),
      tagged("Option", { inner: type }),
      tagged("Result", { ok: optionalType, err: optionalType }),
      tagged("Tuple", { items: list(type) }),
      tagged("Record", { fields: list(named(type)) }),
      tagged("Variant", { cases: list(named(optionalType)) }),
      tagged("Enum", { cases: list(text) }),
      tagged("Flags", { names: list(text) }),
      tagged("Handle", { resource_id: { type: "integer" }, mode: { type: "string", enum: ["Owned", "Borrowed"] } }),
    ],
  },
  WorkerFilter: {
    oneOf: [
      ...simpleFilterSchema.options.map((option): Schema => {
        const { $schema: _dialect, ...schema } = z.toJSONSchema(option, { io: "input" });
        return schema;
      }),
      tagged(["And", "Or"], { filters: list(filter) }),
      tagged("Not", { filter }),
    ],
  },
};

export function addDefinitions(app: OpenAPIHono): void {
  for (const [name, schema] of Object.entries(definitions)) {
    app.openAPIRegistry.registerComponent("schemas", name, schema);
  }
}
