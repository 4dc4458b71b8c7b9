/** Made of packages/sdk/wit/wasi-cli/terminal-output.wit by tools/generate-host-types.ts. */
/** wasi:cli/terminal-output@0.2.0 */
export interface WasiCliTerminalOutput {
  readonly name: "wasi:cli/terminal-output@0.2.0";
  readonly functions: {};
  readonly resources: "terminal-output";
}
