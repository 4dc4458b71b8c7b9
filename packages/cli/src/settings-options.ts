/** Command-line options for the server's settings, made from their table. */
import { existsSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import { commandFlag, resolveSettings, SettingError, settings } from "@emet/server";
import type { ResolvedSetting, SettingName } from "@emet/server";

/** Read if it is there and no other file is named. */
const defaultFile = "emet.json";

export function addSettingOptions(command: Command): void {
  command.option("--config <file>", `read settings from a JSON file (default: ${defaultFile} if there is one)`);
  for (const name of Object.keys(settings) as SettingName[]) {
    const { description, default: value } = settings[name];
    const fallback = value();
    if (fallback === true) command.option(`--no-${commandFlag(name).slice(2)}`, `not: ${description}`);
    else if (fallback === false) command.option(commandFlag(name), description);
    else command.option(`${commandFlag(name)} <value>`, `${description} (default: ${fallback})`);
  }
}

type Options = { readonly [name: string]: string | boolean | undefined };

/** Ends the process with code 2 and a message when a setting is wrong. */
export function readSettings(command: Command): readonly ResolvedSetting[] {
  const given: Options = Object.fromEntries(
    Object.entries(command.opts<Options>()).filter(([name]) => command.getOptionValueSource(name) !== "default"),
  );
  const { config, ...flags } = given;
  try {
    const file = readFile(typeof config === "string" ? config : undefined);
    return resolveSettings({ flags, environment: process.env, file });
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    console.error(`emet: ${error.message}`);
    process.exit(2);
  }
}

function readFile(named: string | undefined): { readonly [name: string]: unknown } {
  const file = named ?? defaultFile;
  if (named === undefined && !existsSync(file)) return {};
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new SettingError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new SettingError(`cannot use ${file}: it must hold one JSON object`);
  }
  return content as { readonly [name: string]: unknown };
}
