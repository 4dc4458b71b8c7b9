/** Made of packages/sdk/wit/wasi-cli/terminal-stdin.wit by tools/generate-host-types.ts. */
export type TerminalInput = number;

/** wasi:cli/terminal-stdin@0.2.0 */
export interface WasiCliTerminalStdin {
  readonly name: "wasi:cli/terminal-stdin@0.2.0";
  readonly functions: { readonly "get-terminal-stdin": () => TerminalInput | undefined };
  readonly resources: never;
}
