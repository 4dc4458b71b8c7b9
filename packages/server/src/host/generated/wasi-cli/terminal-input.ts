/** Made of packages/sdk/wit/wasi-cli/terminal-input.wit by tools/generate-host-types.ts. */
/** wasi:cli/terminal-input@0.2.0 */
export interface WasiCliTerminalInput {
  readonly name: "wasi:cli/terminal-input@0.2.0";
  readonly functions: {};
  readonly resources: "terminal-input";
}
