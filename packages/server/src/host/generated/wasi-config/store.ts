/** Made of packages/sdk/wit/wasi-config/store.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type Error = { readonly tag: "upstream"; readonly val: string } | { readonly tag: "io"; readonly val: string };

/** wasi:config/store@0.2.0-draft */
export interface WasiConfigStore {
  readonly name: "wasi:config/store@0.2.0-draft";
  readonly functions: {
    readonly get: (key: string) => Result<string | undefined, Error>;
    readonly "get-all": () => Result<readonly (readonly [string, string])[], Error>;
  };
  readonly resources: never;
}
