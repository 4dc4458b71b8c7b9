import type { HostInterface } from "../interface.ts";
import { resource, sync } from "../interface.ts";

/** A worker has no terminal: the getters give none, and their resources are never made. */
function terminalType(name: string): HostInterface {
  return {
    name: `wasi:cli/${name}@0.2.0`,
    durable: [],
    bind: ({ resources }) => ({
      functions: {},
      resources: { [name]: resource((representation) => resources.remove(representation)) },
    }),
  };
}

function terminalGetter(stream: string): HostInterface {
  return {
    name: `wasi:cli/terminal-${stream}@0.2.0`,
    durable: [],
    bind: () => ({ functions: { [`get-terminal-${stream}`]: sync(() => undefined) }, resources: {} }),
  };
}

/** wasi:cli/terminal-input, terminal-output, terminal-stdin, terminal-stdout, terminal-stderr. */
export const terminals: readonly HostInterface[] = [
  terminalType("terminal-input"),
  terminalType("terminal-output"),
  terminalGetter("stdin"),
  terminalGetter("stdout"),
  terminalGetter("stderr"),
];
