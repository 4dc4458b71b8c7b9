import type { OptionSpec } from "./command.ts";

/** What every command takes that calls the server. */
export const globalOptions = {
  url: {
    kind: "text",
    value: "url",
    summary: "the server's address (default: the profile's, or http://127.0.0.1:9881)",
  },
  profile: { kind: "text", value: "name", summary: "the profile to use", completes: "profile" },
  format: {
    kind: "text",
    short: "F",
    value: "format",
    choices: ["text", "json", "yaml"],
    summary: "how to print results",
  },
  json: { kind: "flag", summary: "the same as --format json" },
  yaml: { kind: "flag", summary: "the same as --format yaml" },
} as const satisfies { readonly [name: string]: OptionSpec };

/** Of commands that name workers. */
export const componentOption = {
  kind: "text",
  short: "c",
  value: "component",
  summary: "the worker's component, if the worker's name doesn't say it",
  completes: "component",
} as const satisfies OptionSpec;

/** The argument of commands about one worker. */
export const workerArgument = {
  summary: "COMPONENT/WORKER, or WORKER where the component is clear",
  completes: "worker",
} as const;
