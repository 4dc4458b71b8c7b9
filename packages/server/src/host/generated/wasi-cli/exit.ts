/** Made of packages/sdk/wit/wasi-cli/exit.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

/** wasi:cli/exit@0.2.0 */
export interface WasiCliExit {
  readonly name: "wasi:cli/exit@0.2.0";
  readonly functions: {
    readonly exit: (status: Result<void, void>) => void;
    readonly "exit-with-code": (statusCode: number) => void;
  };
  readonly resources: never;
}
