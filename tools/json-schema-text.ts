/** JSON schemas as TypeScript types, which are shorter to read. */

export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

export function schemaText(schema: JsonSchema): string {
  const { $ref, enum: cases, oneOf, anyOf, allOf, type } = schema;
  if ($ref !== undefined) return $ref.replace("#/components/schemas/", "");
  if (cases !== undefined) return cases.map((each) => JSON.stringify(each)).join(" | ");
  const alternatives = oneOf ?? anyOf;
  if (alternatives !== undefined) return [...new Set(alternatives.map(schemaText))].join(" | ");
  if (allOf !== undefined) return allOf.map(schemaText).join(" & ");
  if (type === undefined) return "unknown";
  return [type]
    .flat()
    .map((name) => typeText(name, schema))
    .join(" | ");
}

function typeText(type: string, { format, items, properties, required, additionalProperties }: JsonSchema): string {
  if (type === "integer") return "number";
  if (type === "string" && format === "binary") return "Blob";
  if (type === "array")
    return `readonly (${schemaText(items ?? {})})[]`.replace(/\((\w+)\)\[\]/u, "$1[]").replace("readonly ", "");
  if (type !== "object") return type;
  if (properties === undefined) {
    const values = typeof additionalProperties === "object" ? schemaText(additionalProperties) : "unknown";
    return `{ [name: string]: ${values} }`;
  }
  const members = Object.entries(properties).map(([name, member]) => {
    const key = /^\w+$/u.test(name) ? name : JSON.stringify(name);
    return `${key}${required?.includes(name) === true ? "" : "?"}: ${schemaText(member)}`;
  });
  return `{ ${members.join("; ")} }`;
}
