import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { defineCommand } from "../command.ts";
import { startServer, toSettings } from "@emet/server";
import { runExample } from "../example.ts";
import { addSettingOptions, readSettings } from "../settings-options.ts";

/** How long a graceful stop may take before the process ends anyway: what is durable stays durable. */
const stopMsMax = 10_000;

export const command = defineCommand({
  summary: "start the server",
  details: "It runs until it is told to stop. Settings are options, environment variables, or keys of emet.json.",
  arguments: {},
  options: {},
  examples: [
    { line: "emet start --data-dir ./data --port 9881", summary: "Keep everything in a directory of its own." },
  ],
  run: async () => {},
});

/** Options are made from the table of the server's settings. */
export function configure(target: Command): void {
  addSettingOptions(target);
  target.action(async () => {
    const settings = toSettings(readSettings(target));
    const fail = (reason: Error): void => {
      console.error(`emet: ${reason.message}`);
      process.exit(1);
    };
    const server = await startServer({ settings, onFatal: fail }).catch((error: unknown) => {
      console.error(`emet: cannot start: ${error instanceof Error ? error.message : String(error)}`);
      process.exit(1);
    });
    // For those who stop or kill it: the command that they started may be a process of its own above this one.
    await writeFile(join(settings.dataDir, "server.pid"), `${process.pid}\n`);
    console.log(`Custom HTTP APIs are served at ${server.customUrl}`);
    console.log(`Emet is running at ${server.url} (API documentation: ${server.url}/docs)`);
    console.log(`Data is kept in ${settings.dataDir}`);
    let stopping = false;
    const stop = (): void => {
      if (stopping) return;
      stopping = true;
      setTimeout(() => process.exit(0), stopMsMax).unref();
      server.stop().then(() => process.exit(0), fail);
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
    // The launcher was killed: nobody could stop this process by the id that its user knows.
    process.on("disconnect", stop);
    if (settings.example) await runExample(server.url);
  });
}
