/** Routes of custom HTTP APIs: which worker answers which requests. */
import { z } from "zod";
import { writtenTimestampSchema } from "./timestamp.ts";
import { isWorkerName } from "./worker-name.ts";

const segment = /^(?:\{[A-Za-z_][A-Za-z0-9_-]*\}|(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)$/u;

function isPathPattern(path: string): boolean {
  if (path === "/") return true;
  return (
    path.startsWith("/") &&
    path.length <= 1000 &&
    path
      .slice(1)
      .split("/")
      .every((part) => segment.test(part))
  );
}

/** The names in braces of a path pattern. */
export function pathParameters(path: string): readonly string[] {
  return [...path.matchAll(/\{([^}]*)\}/gu)].map(([, name = ""]) => name);
}

const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/u, "It must be the name of a header");

export const routeWorkerSchema = z.union([
  z.strictObject({ name: z.string().refine(isWorkerName, "Invalid worker name") }),
  z.strictObject({ pathParameter: z.string() }),
  z.strictObject({ header: headerName }),
]);

const routeFields = {
  /** Without a port; requests to every host if not given. */
  host: z
    .string()
    .regex(/^(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])$/u, "It must be a host without a port")
    .transform((host) => host.toLowerCase())
    .optional(),
  path: z
    .string()
    .refine(
      isPathPattern,
      "It must be / or /-separated segments, each literal or a {name}; it matches what follows, too",
    ),
  /** All if not given. */
  methods: z
    .array(z.string().regex(/^[A-Z]{1,20}$/u, "It must be a method in capitals"))
    .min(1)
    .max(20)
    .optional(),
  /** Its name or its id; the latest version answers for workers that are new. */
  component: z.string().min(1).max(1000),
  /** A new worker for each request if not given. */
  worker: routeWorkerSchema.optional(),
};

export const newRouteSchema = z.strictObject(routeFields).superRefine(({ path, worker }, context) => {
  const names = pathParameters(path);
  if (new Set(names).size !== names.length) {
    context.addIssue({ code: "custom", path: ["path"], message: "A parameter occurs twice" });
  }
  if (worker !== undefined && "pathParameter" in worker && !names.includes(worker.pathParameter)) {
    const message = `The path has no parameter {${worker.pathParameter}}`;
    context.addIssue({ code: "custom", path: ["worker", "pathParameter"], message });
  }
});
export type NewRoute = z.infer<typeof newRouteSchema>;

export const routeSchema = z.object({ id: z.string(), createdAt: writtenTimestampSchema, ...routeFields });
export type Route = z.infer<typeof routeSchema>;
