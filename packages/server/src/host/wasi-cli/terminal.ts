import type { WasiCliTerminalInput } from "../generated/wasi-cli/terminal-input.ts";
import type { WasiCliTerminalOutput } from "../generated/wasi-cli/terminal-output.ts";
import type { WasiCliTerminalStderr } from "../generated/wasi-cli/terminal-stderr.ts";
import type { WasiCliTerminalStdin } from "../generated/wasi-cli/terminal-stdin.ts";
import type { WasiCliTerminalStdout } from "../generated/wasi-cli/terminal-stdout.ts";
import type { HostInterface } from "../interface.ts";
import { resource, sync } from "../interface.ts";

/** A worker has no terminal: the getters give none, and the resources are never made. */
const none = sync(() => undefined);

const terminalInput: HostInterface<WasiCliTerminalInput> = {
  name: "wasi:cli/terminal-input@0.2.0",
  durable: {},
  bind: ({ resources }) => ({
    functions: {},
    resources: { "terminal-input": resource((representation) => resources.remove(representation)) },
  }),
};

const terminalOutput: HostInterface<WasiCliTerminalOutput> = {
  name: "wasi:cli/terminal-output@0.2.0",
  durable: {},
  bind: ({ resources }) => ({
    functions: {},
    resources: { "terminal-output": resource((representation) => resources.remove(representation)) },
  }),
};

const terminalStdin: HostInterface<WasiCliTerminalStdin> = {
  name: "wasi:cli/terminal-stdin@0.2.0",
  durable: {},
  bind: () => ({ functions: { "get-terminal-stdin": none }, resources: {} }),
};

const terminalStdout: HostInterface<WasiCliTerminalStdout> = {
  name: "wasi:cli/terminal-stdout@0.2.0",
  durable: {},
  bind: () => ({ functions: { "get-terminal-stdout": none }, resources: {} }),
};

const terminalStderr: HostInterface<WasiCliTerminalStderr> = {
  name: "wasi:cli/terminal-stderr@0.2.0",
  durable: {},
  bind: () => ({ functions: { "get-terminal-stderr": none }, resources: {} }),
};

/** wasi:cli/terminal-input, terminal-output, terminal-stdin, terminal-stdout, terminal-stderr. */
export const terminals: readonly HostInterface[] = [
  terminalInput,
  terminalOutput,
  terminalStdin,
  terminalStdout,
  terminalStderr,
];
