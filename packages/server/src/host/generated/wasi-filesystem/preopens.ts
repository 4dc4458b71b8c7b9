/** Made of packages/sdk/wit/wasi-filesystem/preopens.wit by tools/generate-host-types.ts. */
export type Descriptor = number;

/** wasi:filesystem/preopens@0.2.0 */
export interface WasiFilesystemPreopens {
  readonly name: "wasi:filesystem/preopens@0.2.0";
  readonly functions: { readonly "get-directories": () => readonly (readonly [Descriptor, string])[] };
  readonly resources: never;
}
