/** Filters of enumeration, as JSON and as text (spec/service.md §5). */
import { z } from "zod";
import { workerStatusSchema } from "./worker.ts";

const stringComparator = z.enum(["Equal", "NotEqual", "Like", "NotLike"]);
const orderComparator = z.enum(["Equal", "NotEqual", "GreaterEqual", "Greater", "LessEqual", "Less"]);

export type StringComparator = z.infer<typeof stringComparator>;
export type OrderComparator = z.infer<typeof orderComparator>;

export type WorkerFilterJson =
  | { readonly type: "Name"; readonly comparator: StringComparator; readonly value: string }
  | { readonly type: "Env"; readonly name: string; readonly comparator: StringComparator; readonly value: string }
  | {
      readonly type: "Status";
      readonly comparator: OrderComparator;
      readonly value: z.infer<typeof workerStatusSchema>;
    }
  | { readonly type: "Version"; readonly comparator: OrderComparator; readonly value: number }
  | { readonly type: "CreatedAt"; readonly comparator: OrderComparator; readonly value: string }
  | { readonly type: "And" | "Or"; readonly filters: readonly WorkerFilterJson[] }
  | { readonly type: "Not"; readonly filter: WorkerFilterJson };

/** `Date.parse` alone takes much else for a date. */
const timestampPattern = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/u;

export const timestampSchema = z
  .string()
  .refine((text) => timestampPattern.test(text) && !Number.isNaN(Date.parse(text)), "expected an RFC 3339 timestamp");
const version = z.number().int().nonnegative();

/** Filters that contain no others. */
export const simpleFilterSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("Name"), comparator: stringComparator, value: z.string() }),
  z.object({ type: z.literal("Env"), name: z.string(), comparator: stringComparator, value: z.string() }),
  z.object({ type: z.literal("Status"), comparator: orderComparator, value: workerStatusSchema }),
  z.object({ type: z.literal("Version"), comparator: orderComparator, value: version }),
  z.object({ type: z.literal("CreatedAt"), comparator: orderComparator, value: timestampSchema }),
]);

/** It contains itself, so documents refer to it by name. */
export const workerFilterSchema: z.ZodType<WorkerFilterJson> = z
  .lazy(() =>
    z.discriminatedUnion("type", [
      ...simpleFilterSchema.options,
      z.object({ type: z.literal("And"), filters: z.array(workerFilterSchema) }),
      z.object({ type: z.literal("Or"), filters: z.array(workerFilterSchema) }),
      z.object({ type: z.literal("Not"), filter: workerFilterSchema }),
    ]),
  )
  .meta({ type: "object", $ref: "#/components/schemas/WorkerFilter" });

/** Filters may have this many parts. */
export const filterPartsMax = 200;

/** Without recursion: what comes from a client may be nested deeper than the stack allows. */
function isWithinBounds(filter: unknown): boolean {
  const open: unknown[] = [filter];
  for (let parts = 0; open.length > 0; parts++) {
    if (parts === filterPartsMax) return false;
    const part = open.pop() as { readonly filter?: unknown; readonly filters?: unknown } | null | undefined;
    if (Array.isArray(part?.filters)) open.push(...part.filters.slice(0, filterPartsMax));
    if (part?.filter !== undefined) open.push(part.filter);
  }
  return true;
}

const boundedFilterSchema = z
  .custom(isWithinBounds, `the filter has more than ${filterPartsMax} parts`)
  .meta({ type: "object", $ref: "#/components/schemas/WorkerFilter" })
  .pipe(workerFilterSchema);

export const findWorkersSchema = z.object({
  filter: boundedFilterSchema.nullish(),
  cursor: z.object({ cursor: z.number().int().nonnegative(), layer: z.number().int().nonnegative() }).nullish(),
  count: z.number().int().min(1).max(10_000).nullish(),
  precise: z.boolean().nullish(),
});

/** The text isn't a filter. */
export class FilterTextError extends Error {
  override readonly name = "FilterTextError";
}

const equality: { readonly [token: string]: "Equal" | "NotEqual" } = {
  "=": "Equal",
  "==": "Equal",
  equal: "Equal",
  eq: "Equal",
  "!=": "NotEqual",
  notequal: "NotEqual",
  ne: "NotEqual",
};

const stringComparators: { readonly [token: string]: StringComparator } = {
  ...equality,
  like: "Like",
  notlike: "NotLike",
};

const orderComparators: { readonly [token: string]: OrderComparator } = {
  ...equality,
  ">=": "GreaterEqual",
  greaterequal: "GreaterEqual",
  ge: "GreaterEqual",
  ">": "Greater",
  greater: "Greater",
  gt: "Greater",
  "<=": "LessEqual",
  lessequal: "LessEqual",
  le: "LessEqual",
  "<": "Less",
  less: "Less",
  lt: "Less",
};

/** `property comparator value`, three words. Throws `FilterTextError`. */
export function parseFilterText(text: string): WorkerFilterJson {
  const words = text.trim().split(/\s+/u);
  const [property = "", comparator = "", value = ""] = words;
  if (words.length !== 3) throw new FilterTextError(`Invalid filter: "${text}" is not "property comparator value"`);
  const stringly = (): StringComparator => comparatorOf(stringComparators, comparator, text);
  const ordered = (): OrderComparator => comparatorOf(orderComparators, comparator, text);
  if (property === "name") return { type: "Name", comparator: stringly(), value };
  if (property.startsWith("env.")) return { type: "Env", name: property.slice(4), comparator: stringly(), value };
  if (property === "version") {
    if (!/^\d{1,15}$/u.test(value)) throw new FilterTextError(`Invalid filter: "${value}" is not a version`);
    return { type: "Version", comparator: ordered(), value: Number(value) };
  }
  if (property === "status") {
    const status = workerStatusSchema.options.find((option) => option.toLowerCase() === value.toLowerCase());
    if (status === undefined) throw new FilterTextError(`Invalid filter: "${value}" is not a worker status`);
    return { type: "Status", comparator: ordered(), value: status };
  }
  if (property === "created_at" || property === "createdAt") {
    if (!timestampSchema.safeParse(value).success)
      throw new FilterTextError(`Invalid filter: "${value}" is not a timestamp`);
    return { type: "CreatedAt", comparator: ordered(), value };
  }
  throw new FilterTextError(`Invalid filter: there is no property "${property}"`);
}

function comparatorOf<C>(table: { readonly [token: string]: C }, token: string, text: string): C {
  const name = token.toLowerCase();
  const comparator = Object.hasOwn(table, name) ? table[name] : undefined;
  if (comparator === undefined) throw new FilterTextError(`Invalid filter: "${token}" does not compare in "${text}"`);
  return comparator;
}
