/** Made of packages/sdk/wit/wasi-cli/terminal-stdout.wit by tools/generate-host-types.ts. */
export type TerminalOutput = number;

/** wasi:cli/terminal-stdout@0.2.0 */
export interface WasiCliTerminalStdout {
  readonly name: "wasi:cli/terminal-stdout@0.2.0";
  readonly functions: { readonly "get-terminal-stdout": () => TerminalOutput | undefined };
  readonly resources: never;
}
