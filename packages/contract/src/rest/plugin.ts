/** Plugins and their installations on the wire (spec/service.md §2.1, §2.3, §10.3). */
import { z } from "zod";
import { isComponentId } from "./worker-name.ts";

const componentId = z.string().refine(isComponentId, "Invalid component id: it must be a UUID");

const httpUrl = z
  .string()
  .refine((text) => /^https?:$/u.test(URL.parse(text)?.protocol ?? ""), "It must be an http or https URL");

const transformerSchema = z.object({
  type: z.literal("ComponentTransformer"),
  providedWitPackage: z.string().nullish(),
  jsonSchema: z.string().nullish(),
  validateUrl: httpUrl,
  transformUrl: httpUrl,
});

const oplogProcessorSchema = z.object({
  type: z.literal("OplogProcessor"),
  componentId,
  componentVersion: z.number().int().nonnegative(),
});

export const pluginScopeSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("Global") }),
  z.object({ type: z.literal("Component"), componentId }),
]);
export type PluginScope = z.infer<typeof pluginScopeSchema>;

export const pluginSpecsSchema = z.discriminatedUnion("type", [transformerSchema, oplogProcessorSchema]);
export type PluginSpecs = z.infer<typeof pluginSpecsSchema>;

export const newPluginSchema = z.object({
  name: z.string().min(1).max(255),
  version: z.string().min(1).max(255),
  description: z.string(),
  /** The bytes of an image. */
  icon: z.array(z.number().int().min(0).max(255)),
  homepage: z.string(),
  specs: pluginSpecsSchema,
  scope: pluginScopeSchema,
});
export type NewPlugin = z.infer<typeof newPluginSchema>;

export const pluginDefinitionSchema = newPluginSchema.extend({
  /** There are no accounts. */
  owner: z.object({}),
});
export type PluginDefinition = z.infer<typeof pluginDefinitionSchema>;

const settings = {
  /** Transformers are applied in ascending order. */
  priority: z.number().int().min(-2_147_483_648).max(2_147_483_647),
  parameters: z.record(z.string(), z.string()),
};

export const pluginInstallationUpdateSchema = z.object(settings);
export type PluginInstallationUpdate = z.infer<typeof pluginInstallationUpdateSchema>;

export const pluginInstallationCreationSchema = z.object({ name: z.string(), version: z.string(), ...settings });
export type PluginInstallationCreation = z.infer<typeof pluginInstallationCreationSchema>;

export const pluginInstallationSchema = z.object({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  ...settings,
});
export type PluginInstallation = z.infer<typeof pluginInstallationSchema>;
