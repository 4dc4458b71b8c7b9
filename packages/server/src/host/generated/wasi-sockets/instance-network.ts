/** Made of packages/sdk/wit/wasi-sockets/instance-network.wit by tools/generate-host-types.ts. */
export type Network = number;

/** wasi:sockets/instance-network@0.2.0 */
export interface WasiSocketsInstanceNetwork {
  readonly name: "wasi:sockets/instance-network@0.2.0";
  readonly functions: { readonly "instance-network": () => Network };
  readonly resources: never;
}
