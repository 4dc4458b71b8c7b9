import type { Command } from "commander";
import { environmentVariable, settings } from "@emet/server";
import { addSettingOptions, readSettings } from "../settings-options.ts";

/** `emet config`: every setting with its value, where it comes from, and what it means. */
export function addConfigCommand(program: Command): void {
  const command = program.command("config").description("show every setting, its value and where that comes from");
  addSettingOptions(command);
  command.action(() => {
    const rows = readSettings(command).map(({ name, value, source }) => [
      name,
      String(value),
      source,
      environmentVariable(name),
      settings[name].description,
    ]);
    const table = [["setting", "value", "from", "environment variable", "meaning"], ...rows];
    const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
    for (const row of table) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  });
}
