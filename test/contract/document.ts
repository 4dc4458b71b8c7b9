/** The OpenAPI document as a judge of responses: nothing may come that it doesn't name. */
import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import type { JsonObject } from "../support/client.ts";

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly schema: JsonObject;
}

interface Content {
  readonly [type: string]: { readonly schema: JsonObject };
}

export interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: { readonly [status: string]: { readonly description: string; readonly content?: Content } };
}

export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components: { readonly schemas: JsonObject };
}

/** `method path`, as tables name them. */
export type OperationName = string;

export function operationsOf(document: OpenApi): ReadonlyMap<OperationName, Operation> {
  return new Map(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
    ),
  );
}

/** The same schema where members that it doesn't name are wrong. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const members = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  // Beside a reference `type` is a remark: what it refers to is closed itself.
  if (!("properties" in members) || "additionalProperties" in members) return members;
  return { ...members, additionalProperties: false };
}

/** As the judge wants it: closed, with references to where it keeps the document's schemas. */
function judging(schema: JsonObject): JsonObject {
  const text = JSON.stringify(closed(schema)).replaceAll('"#/components/schemas/', '"document#/$defs/');
  return JSON.parse(text) as JsonObject;
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/u;

/** What came, byte by byte. */
export interface RawReply {
  readonly status: number;
  readonly contentType: string | null;
  readonly text: string;
}

export class DocumentJudge {
  readonly #ajv: Ajv2020;
  readonly #operations: ReadonlyMap<OperationName, Operation>;
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: OpenApi) {
    this.#operations = operationsOf(document);
    this.#ajv = new Ajv2020({ strict: true, strictTypes: false, allowUnionTypes: true, allErrors: true });
    this.#ajv.addFormat("date-time", rfc3339);
    this.#ajv.addFormat("binary", true);
    this.#ajv.addSchema({ $id: "document", $defs: judging(document.components.schemas) });
  }

  operation(name: OperationName): Operation {
    const operation = this.#operations.get(name);
    assert.ok(operation, `the document has no ${name}`);
    return operation;
  }

  /** Fails when the operation can't answer so. Returns the body, that of each line in an array; undefined where it isn't JSON. */
  check(name: OperationName, { status, contentType, text }: RawReply): unknown {
    const at = `${name}: ${status} ${text.slice(0, 2000)}`;
    const documented = this.operation(name).responses[String(status)];
    assert.ok(documented, `undocumented status of ${at}`);
    const [type] = (contentType ?? "").split(";");
    const content = documented.content?.[type ?? ""];
    assert.ok(content, `undocumented content type "${contentType}" of ${at}`);
    const judged = (json: string): unknown => {
      const body: unknown = JSON.parse(json);
      const validate = this.#validator(`${name} ${status}`, content.schema);
      assert.ok(validate(body), `${at}\n${this.#ajv.errorsText(validate.errors)}`);
      return body;
    };
    if (type === "application/x-ndjson") {
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map(judged);
    }
    return type === "application/json" ? judged(text) : undefined;
  }

  #validator(key: string, schema: JsonObject): ValidateFunction {
    const known = this.#validators.get(key);
    if (known !== undefined) return known;
    const validate = this.#ajv.compile(judging(schema));
    this.#validators.set(key, validate);
    return validate;
  }
}

/** Error bodies have one form for each status, whatever else the document might say (spec/service.md §6.1). */
export function checkErrorBody(status: number, body: unknown): void {
  const members = body as JsonObject;
  if (status === 400) {
    assert.deepEqual(Object.keys(members), ["errors"]);
    const errors = members["errors"] as readonly unknown[];
    assert.ok(errors.length > 0 && errors.every((error) => typeof error === "string" && error !== ""));
  } else if (status === 500 && "golemError" in members) {
    assert.deepEqual(Object.keys(members), ["golemError"]);
    assert.equal(typeof (members["golemError"] as JsonObject)["type"], "string");
  } else if (status >= 400) {
    assert.deepEqual(Object.keys(members), ["error"]);
    assert.ok(typeof members["error"] === "string" && members["error"] !== "");
  }
}
