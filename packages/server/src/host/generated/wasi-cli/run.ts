/** Made of packages/sdk/wit/wasi-cli/run.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

/** wasi:cli/run@0.2.0 */
export interface WasiCliRun {
  readonly name: "wasi:cli/run@0.2.0";
  readonly functions: { readonly run: () => Result<void, void> };
  readonly resources: never;
}
