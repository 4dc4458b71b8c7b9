import type { WasiConfigStore } from "../generated/wasi-config/store.ts";
import type { HostInterface } from "../interface.ts";
import { sync } from "../interface.ts";
import { ok } from "../results.ts";

/**
 * wasi:config/store (spec/host-interfaces.md §22): what was given as `config` when the worker was created. It is kept in
 * the worker's first record and never changes, so that reading it needs no record of its own.
 */
export const configStore: HostInterface<WasiConfigStore> = {
  name: "wasi:config/store@0.2.0-draft",
  durable: {},
  bind: ({ facts }) => ({
    functions: {
      get: sync((key: string) => ok(facts().config.find(([name]) => name === key)?.[1])),
      "get-all": sync(() => ok(facts().config)),
    },
    resources: {},
  }),
};
