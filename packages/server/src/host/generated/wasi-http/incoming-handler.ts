/** Made of packages/sdk/wit/wasi-http/incoming-handler.wit by tools/generate-host-types.ts. */
export type IncomingRequest = number;

export type ResponseOutparam = number;

/** wasi:http/incoming-handler@0.2.0 */
export interface WasiHttpIncomingHandler {
  readonly name: "wasi:http/incoming-handler@0.2.0";
  readonly functions: { readonly handle: (request: IncomingRequest, responseOut: ResponseOutparam) => void };
  readonly resources: never;
}
