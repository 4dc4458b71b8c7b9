/** Components on the wire (spec/service.md §2.3). */
import { z } from "zod";
import { writtenTimestampSchema } from "./timestamp.ts";
import type { TypeJson } from "../values/type-json.ts";
import { pluginInstallationSchema } from "./plugin.ts";

/** Types nest without bound and are made by the server alone: they are described by name, not taken apart. */
export const typeSchema = z
  .custom<TypeJson>((value) => typeof value === "object" && value !== null && "type" in value)
  .meta({ type: "object", $ref: "#/components/schemas/Type" });

const functionShape = {
  name: z.string(),
  parameters: z.array(z.object({ name: z.string(), typ: typeSchema })),
  results: z.array(z.object({ name: z.string().nullable(), typ: typeSchema })),
};

export const functionSchema = z.object(functionShape);
export type FunctionJson = z.infer<typeof functionSchema>;

export const exportSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("Function"), ...functionShape }),
  z.object({ type: z.literal("Instance"), name: z.string(), functions: z.array(functionSchema) }),
]);

const producersFieldSchema = z.object({
  name: z.string(),
  values: z.array(z.object({ name: z.string(), version: z.string() })),
});

export const dynamicLinkingSchema = z.record(
  z.string(),
  z.object({
    type: z.literal("WasmRpc"),
    targets: z.record(
      z.string(),
      z.object({
        interfaceName: z.string(),
        componentName: z.string(),
        componentType: z.enum(["Durable", "Ephemeral"]).default("Durable"),
      }),
    ),
  }),
);
export type DynamicLinking = z.infer<typeof dynamicLinkingSchema>;

export const componentMetadataSchema = z.object({
  exports: z.array(exportSchema),
  producers: z.array(z.object({ fields: z.array(producersFieldSchema) })),
  /** In bytes. */
  memories: z.array(z.object({ initial: z.number(), maximum: z.number().nullable() })),
  /** Imported client instances, by name, with the components that they call. */
  dynamicLinking: dynamicLinkingSchema.optional(),
});
export type ComponentMetadata = z.infer<typeof componentMetadataSchema>;

export const componentTypeSchema = z.enum(["Durable", "Ephemeral"]);

export const filePermissionsSchema = z.object({
  values: z.array(z.object({ path: z.string(), permissions: z.enum(["read-only", "read-write"]) })),
});

export const componentSchema = z.object({
  versionedComponentId: z.object({ componentId: z.string(), version: z.number() }),
  componentName: z.string(),
  componentSize: z.number(),
  metadata: componentMetadataSchema,
  createdAt: writtenTimestampSchema,
  componentType: componentTypeSchema,
  files: z.array(z.object({ key: z.string(), path: z.string(), permissions: z.enum(["read-only", "read-write"]) })),
  installedPlugins: z.array(pluginInstallationSchema),
});
export type ComponentJson = z.infer<typeof componentSchema>;
