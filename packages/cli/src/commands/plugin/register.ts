import { parseJson } from "@emet/contract/client";
import type { NewPlugin } from "@emet/contract/client";
import { defineCommand } from "../../command.ts";
import { usageError } from "../../failure.ts";
import { readInput } from "../../uploads.ts";

export const command = defineCommand({
  summary: "register a plugin",
  details:
    "The file is JSON or YAML: name, version, description, icon (bytes), homepage, scope ({type: Global} or {type: Component, " +
    "componentId}) and specs ({type: OplogProcessor, componentId, componentVersion} or {type: ComponentTransformer, " +
    "validateUrl, transformUrl}).",
  arguments: { file: { summary: "the plugin's definition; - is standard input", completes: "file" } },
  options: {},
  examples: [{ line: "emet plugin register audit.yaml", summary: "As the file says." }],
  run: async ({ args, session: { emet, out } }) => {
    const text = new TextDecoder().decode(await readInput(args.file));
    const plugin = {
      description: "",
      icon: [],
      homepage: "",
      ...(await definition(args.file, text)),
    } as unknown as NewPlugin;
    await emet.plugins.register(plugin);
    out.note(`Registered ${plugin.name} ${plugin.version}`);
    await out.result({}, () => "");
  },
});

async function definition(file: string, text: string): Promise<object> {
  let value: unknown;
  try {
    value = /^\s*\{/u.test(text) ? parseJson(text) : (await import("yaml")).parse(text);
  } catch (error) {
    throw usageError(`${file}: ${(error as Error).message}`, { cause: error });
  }
  if (typeof value !== "object" || value === null) throw usageError(`${file}: it must hold one object`);
  return value;
}
