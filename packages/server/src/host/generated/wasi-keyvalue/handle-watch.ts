/** Made of packages/sdk/wit/wasi-keyvalue/handle-watch.wit by tools/generate-host-types.ts. */
export type Bucket = number;

export type IncomingValue = number;

/** wasi:keyvalue/handle-watch@0.1.0 */
export interface WasiKeyvalueHandleWatch {
  readonly name: "wasi:keyvalue/handle-watch@0.1.0";
  readonly functions: {
    readonly "on-set": (bucket: Bucket, key: string, incomingValue: IncomingValue) => void;
    readonly "on-delete": (bucket: Bucket, key: string) => void;
  };
  readonly resources: never;
}
