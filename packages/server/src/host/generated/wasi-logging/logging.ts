/** Made of packages/sdk/wit/wasi-logging/logging.wit by tools/generate-host-types.ts. */
export type Level = "trace" | "debug" | "info" | "warn" | "error" | "critical";

/** wasi:logging/logging */
export interface WasiLoggingLogging {
  readonly name: "wasi:logging/logging";
  readonly functions: { readonly log: (level: Level, context: string, message: string) => void };
  readonly resources: never;
}
