/** The `emet` command. */
import { Command } from "commander";
import { version } from "@emet/server";
import { addConfigCommand } from "./commands/config.ts";
import { addRouteCommand } from "./commands/route.ts";
import { addStartCommand } from "./commands/start.ts";

const program = new Command("emet");
program.description("Durable WebAssembly workers").version(version);
addStartCommand(program);
addConfigCommand(program);
addRouteCommand(program);
await program.parseAsync();
