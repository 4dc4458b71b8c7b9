import type { WasiLoggingLogging } from "../generated/wasi-logging/logging.ts";
import type { HostInterface, LogLevel } from "../interface.ts";
import { sync } from "../interface.ts";

const encoder = new TextEncoder();

/** wasi:logging/logging: an event and a `log` entry for each line (spec/host-interfaces.md §15.4). */
export const logging: HostInterface<WasiLoggingLogging> = {
  name: "wasi:logging/logging",
  durable: { log: "log" },
  bind: (context) => ({
    functions: {
      log: sync((level: LogLevel, lineContext: string, message: string) => {
        context.output(level, lineContext, message, encoder.encode(message));
      }),
    },
    resources: {},
  }),
};
