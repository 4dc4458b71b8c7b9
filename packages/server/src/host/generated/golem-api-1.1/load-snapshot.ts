/** Made of packages/sdk/wit/golem-api-1.1/load-snapshot.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

/** golem:api/load-snapshot@1.1.7 */
export interface GolemApiLoadSnapshot {
  readonly name: "golem:api/load-snapshot@1.1.7";
  readonly functions: { readonly load: (bytes: Uint8Array) => Result<void, string> };
  readonly resources: never;
}
