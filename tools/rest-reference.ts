/** Writes `docs/rest-api.md` from the OpenAPI document that the server shows at `/specs`. */
import { createApp } from "../packages/server/src/api/app.ts";
import type { AppOptions } from "../packages/server/src/api/app.ts";
import type { JsonSchema } from "./json-schema-text.ts";
import { schemaText } from "./json-schema-text.ts";
import { writeReference } from "./write-reference.ts";

interface Body {
  readonly content?: { readonly [type: string]: { readonly schema: JsonSchema } };
}

interface Operation {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: JsonSchema;
  }[];
  readonly requestBody?: Body;
  readonly responses: { readonly [status: string]: Body & { readonly description: string } };
}

interface Document {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components: { readonly schemas: { readonly [name: string]: JsonSchema } };
}

const introduction = `# The REST API

Every endpoint, made from the server's OpenAPI document by \`npm run generate:rest-reference\`. A running server has that
document at \`/specs\`, and a page that shows it at \`/docs\`. Those that Golem 1.x has, too, are the same there.

- The base address is \`http://localhost:9881\`. There is no authentication: see [operating](operating.md#security).
- Bodies are JSON in UTF-8. Times are RFC 3339 in UTC. 64-bit integers are plain JSON numbers over their full range: read
  them with a parser that keeps them. Unknown fields are ignored. What is absent in an answer is \`null\`.
- \`function\` names an exported function: \`run\`, \`api.{run}\`, \`golem:it/api.{add-item}\`, \`golem:it/api.{cart.add-item}\`,
  \`golem:it/api.{cart("user-1").add-item}\`. In an address the braces are \`%7B\` and \`%7D\`.
- Parameters are plain values, or \`{"typ": …, "value": …}\`. Results are always the latter: a \`Tuple\` of the results.
- \`Idempotency-Key\` makes a call [happen once](idempotency-keys.md). \`traceparent\` and \`tracestate\` are carried on.

How values are written:

| WIT | JSON |
| --- | --- |
| \`bool\`, numbers, \`string\` | \`true\`, \`1\`, \`"text"\` |
| \`char\` | its code point: \`97\` |
| \`list\`, \`tuple\` | array |
| \`record\` | object, with names as in WIT; a field of \`option\` may be absent |
| \`variant\` | \`{"circle": 1.5}\`, \`{"none": null}\` |
| \`enum\`, \`flags\` | \`"red"\`, \`["read", "write"]\` |
| \`option\` | \`null\` or the value |
| \`result\` | \`{"ok": 1}\`, \`{"err": "no"}\` |
| a resource | \`"urn:worker:{component id}/{worker name}/{resource id}"\` |
`;

/** What stands in several answers, by the endpoint that gives it. */
const shared: readonly (readonly [name: string, path: string, pick: (schema: JsonSchema) => JsonSchema | undefined])[] =
  [
    ["PluginInstallation", "/v1/components/{component_id}/versions/{version}/plugins/installs", ({ items }) => items],
    ["Component", "/v1/components/{component_id}/latest", (schema) => schema],
    ["WorkerMetadata", "/v1/components/{component_id}/workers/{worker_name}", (schema) => schema],
    ["PluginDefinition", "/v1/plugins/{name}/{version}", (schema) => schema],
    ["Route", "/v1/api/routes/{route_id}", (schema) => schema],
    [
      "OplogEntry",
      "/v1/components/{component_id}/workers/{worker_name}/oplog",
      ({ properties }) => properties?.["entries"]?.items?.properties?.["entry"],
    ],
  ];

const errorBodies = ["400", "404", "409", "500"];

// The options are for handlers, and none is called.
const app = createApp({ requestBytesMax: 1 } as unknown as AppOptions);
const document = app.getOpenAPI31Document({
  openapi: "3.1.0",
  info: { title: "", version: "" },
}) as unknown as Document;

function answerOf(operation: Operation | undefined, status: string): JsonSchema | undefined {
  return operation?.responses[status]?.content?.["application/json"]?.schema;
}

const named = new Map<string, string>();

/** Types that have a name stand under it. */
function textOf(schema: JsonSchema): string {
  let text = schemaText(schema);
  for (const [name, whole] of named) text = text.replaceAll(whole, name);
  return text;
}

const types = Object.entries(document.components.schemas).map(
  ([name, schema]) => `type ${name} = ${schemaText(schema)};`,
);
for (const [name, path, pick] of shared) {
  const answer = answerOf(document.paths[path]?.["get"], "200");
  const schema = answer === undefined ? undefined : pick(answer);
  if (schema === undefined) throw new Error(`Can't find ${name} at ${path}`);
  types.push(`type ${name} = ${textOf(schema)};`);
  named.set(name, schemaText(schema));
}

function bodyText(body: Body | undefined, heading: string): string {
  return Object.entries(body?.content ?? {})
    .map(([type, { schema }]) => {
      const what = `${heading}${type === "application/json" ? "" : ` (\`${type}\`)`}`;
      const text = textOf(schema);
      return type === "application/octet-stream" || text === "Blob"
        ? `${what}: bytes.\n`
        : `${what}:\n\n\`\`\`ts\ntype Body = ${text};\n\`\`\`\n`;
    })
    .join("\n");
}

function endpointText(method: string, path: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).filter(({ in: place }) => place !== "path");
  const rows = parameters.map(
    ({ name, in: place, required, schema }) =>
      `| \`${name}\` | ${place}${required === true ? ", required" : ""} | ${textOf(schema).replaceAll("|", "\\|")} |`,
  );
  const table = rows.length === 0 ? "" : `| parameter | | |\n| --- | --- | --- |\n${rows.join("\n")}\n\n`;
  const [status = "200", answer] = Object.entries(operation.responses)[0] ?? [];
  const others = Object.keys(operation.responses).filter((each) => each !== status);
  const head = `### ${method.toUpperCase()} ${path}\n\n${operation.summary ?? ""}.\n\n`;
  const result =
    bodyText(answer, `${status}: ${answer?.description ?? ""}`) || `${status}: ${answer?.description ?? ""}.\n`;
  const errors = others.length === 0 ? "" : `\nErrors: ${others.join(", ")}.\n`;
  return `${head}${table}${bodyText(operation.requestBody, "Body")}\n${result}${errors}`;
}

const groups = new Map<string, string[]>();
for (const [path, methods] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    const tag = operation.tags?.[0] ?? "Server";
    groups.set(tag, [...(groups.get(tag) ?? []), endpointText(method, path, operation)]);
  }
}

const upload = document.paths["/v1/components"]?.["post"];
const errors = errorBodies.map((status) => {
  const schema = answerOf(upload, status);
  return schema === undefined ? "" : `- ${status}: ${upload?.responses[status]?.description ?? ""}`;
});
const failure = answerOf(document.paths["/v1/components/{component_id}/workers"]?.["post"], "500");
const errorText = `## Errors

${errors.join("\n")}

400 has \`{"errors": ["…"]}\`, 404 and 409 have \`{"error": "…"}\`. 500 tells what the worker or the server met; a worker
that fails is an ordinary outcome:

\`\`\`ts
type Body = ${failure === undefined ? "unknown" : textOf(failure)};
\`\`\`
`;
const endpoints = [...groups].map(([tag, texts]) => `## ${tag}\n\n${texts.join("\n")}`);
const typeText = `## Types\n\n\`\`\`ts\n${types.join("\n\n")}\n\`\`\`\n`;
await writeReference(
  "rest-api.md",
  [introduction, ...endpoints, errorText, typeText].join("\n"),
  "generate:rest-reference",
);
