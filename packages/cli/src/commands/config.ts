import type { Command } from "commander";
import { defineCommand } from "../command.ts";
import { environmentVariable, settings } from "@emet/server";
import { addSettingOptions, readSettings } from "../settings-options.ts";

export const command = defineCommand({
  summary: "show the server's settings, their values and where those come from",
  arguments: {},
  options: {},
  examples: [{ line: "emet config", summary: "Every setting, its environment variable and its meaning." }],
  run: async () => {},
});

/** Options are made from the table of the server's settings. */
export function configure(target: Command): void {
  addSettingOptions(target);
  target.action(() => {
    const rows = readSettings(target).map(({ name, value, source }) => [
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
