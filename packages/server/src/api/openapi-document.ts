/** The OpenAPI document, made from the routes; what they all have in common is added here. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { addDefinitions } from "./definitions.ts";

type Members = { readonly [name: string]: unknown };

const errorContent = {
  "application/json": {
    schema: { type: "object", properties: { error: { type: "string" } }, required: ["error"] },
  },
};

/** Any body can be too large, or of a type that nobody reads. */
const bodyResponses = {
  413: { description: "The request is larger than the server takes", content: errorContent },
  415: { description: "The body is of another content type", content: errorContent },
};

/** Patterns come with the flags of their regular expressions, which JSON Schema has no room for. */
function withPlainPatterns(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlainPatterns);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) =>
      name === "pattern" && typeof member === "string"
        ? [name, member.replace(/\/[a-z]*$/u, "")]
        : [name, withPlainPatterns(member)],
    ),
  );
}

function withBodyResponses(operation: unknown): unknown {
  const { requestBody, responses } = operation as Members;
  if (requestBody === undefined) return operation;
  return { ...(operation as Members), responses: { ...(responses as Members), ...bodyResponses } };
}

function mapMembers(members: Members, change: (member: unknown) => unknown): Members {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, change(member)]));
}

/** Serves the document at `/specs`. All routes must have been added. */
export function serveDocument(app: OpenAPIHono, version: string): void {
  addDefinitions(app);
  const info = { title: "Emet", version, description: "Durable WebAssembly workers" };
  const document = withPlainPatterns(app.getOpenAPI31Document({ openapi: "3.1.0", info })) as Members;
  const paths = mapMembers(document["paths"] as Members, (methods) =>
    mapMembers(methods as Members, withBodyResponses),
  );
  const complete = { ...document, paths };
  app.get("/specs", (context) => context.json(complete));
}
