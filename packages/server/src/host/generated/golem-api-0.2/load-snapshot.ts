/** Made of packages/sdk/wit/golem-api-0.2/load-snapshot.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

/** golem:api/load-snapshot@0.2.0 */
export interface GolemApiLoadSnapshot {
  readonly name: "golem:api/load-snapshot@0.2.0";
  readonly functions: { readonly load: (bytes: Uint8Array) => Result<void, string> };
  readonly resources: never;
}
