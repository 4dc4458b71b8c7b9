/** Made of packages/sdk/wit/wasi-cli/terminal-stderr.wit by tools/generate-host-types.ts. */
export type TerminalOutput = number;

/** wasi:cli/terminal-stderr@0.2.0 */
export interface WasiCliTerminalStderr {
  readonly name: "wasi:cli/terminal-stderr@0.2.0";
  readonly functions: { readonly "get-terminal-stderr": () => TerminalOutput | undefined };
  readonly resources: never;
}
