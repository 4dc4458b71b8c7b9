import { ExitSignal } from "../../durability/errors.ts";
import type { WasiCliExit } from "../generated/wasi-cli/exit.ts";
import type { HostInterface } from "../interface.ts";
import { sync } from "../interface.ts";

/** wasi:cli/exit: ends the worker for good; the code is kept in its oplog. `exit-with-code` came with 0.2.1. */
export const exit: HostInterface<WasiCliExit> = {
  name: "wasi:cli/exit@0.2.0",
  durable: { exit: "exited", "exit-with-code": "exited" },
  bind: () => ({
    functions: {
      exit: sync((status: { readonly tag: "ok" | "err" }) => {
        throw new ExitSignal(status.tag === "ok" ? 0 : 1);
      }),
      "exit-with-code": sync((code: number) => {
        throw new ExitSignal(code);
      }),
    },
    resources: {},
  }),
};
