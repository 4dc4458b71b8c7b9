/** Made of packages/sdk/wit/wasi-cli/environment.wit by tools/generate-host-types.ts. */
/** wasi:cli/environment@0.2.0 */
export interface WasiCliEnvironment {
  readonly name: "wasi:cli/environment@0.2.0";
  readonly functions: {
    readonly "get-environment": () => readonly (readonly [string, string])[];
    readonly "get-arguments": () => readonly string[];
    readonly "initial-cwd": () => string | undefined;
  };
  readonly resources: never;
}
