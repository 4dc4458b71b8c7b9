/** golem:rpc/types in its two incompatible versions, which differ in how a worker is addressed (spec §2.8, §2.9). */
import type { HostResource } from "@emet/component";
import type { WorkerId } from "../../platform/worker-id.ts";
import { fromWitUuid, fromWitWorkerId, toWitUuid } from "../golem-api/types.ts";
import type { WitUuid, WitWorkerId } from "../golem-api/types.ts";
import type { GolemRpcTypes as GolemRpcTypes01 } from "../generated/golem-rpc-0.1/types.ts";
import type { GolemRpcTypes as GolemRpcTypes02, ValueAndType } from "../generated/golem-rpc-0.2/types.ts";
import type { FunctionsOf, HostContext, HostInterface, RecordsOf } from "../interface.ts";
import { resource, suspending, sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { err, ok } from "../results.ts";
import {
  FutureInvokeResult,
  invoke,
  invokeAndAwait,
  newCall,
  newWorkerName,
  remoteCallRecords,
} from "./remote-calls.ts";
import { CancellationToken, schedule, scheduledCallRecords } from "./scheduled-calls.ts";
import type { Datetime } from "./scheduled-calls.ts";
import { parseWorkerUri } from "./worker-uri.ts";
import type { WitValue } from "./wit-value.ts";

const savedRpc = savedKind<WorkerId>("wasm-rpc", (worker) => new WasmRpc(worker));

class WasmRpc extends HostObject {
  readonly worker: WorkerId;

  constructor(worker: WorkerId) {
    super();
    this.worker = worker;
  }

  override save(): SavedObject {
    return savedRpc(this.worker);
  }
}

/** What both versions have, but for the constructor. */
type CallFunction = Extract<keyof GolemRpcTypes02["functions"], `[method]${string}`>;
type ValueFunction = "extract-value" | "extract-type";
type IdFunction = Exclude<keyof GolemRpcTypes02["functions"], CallFunction | ValueFunction>;

function callFunctions(context: HostContext): FunctionsOf<GolemRpcTypes02, CallFunction> {
  const { resources } = context;
  const call = (self: number, name: string, parameters: readonly WitValue[]): ReturnType<typeof newCall> =>
    newCall(context, resources.get(self, WasmRpc).worker, name, parameters);
  return {
    "[method]wasm-rpc.invoke-and-await": suspending((self: number, name: string, parameters: readonly WitValue[]) =>
      invokeAndAwait(context, call(self, name, parameters)),
    ),
    "[method]wasm-rpc.invoke": suspending((self: number, name: string, parameters: readonly WitValue[]) =>
      invoke(context, call(self, name, parameters)),
    ),
    "[method]wasm-rpc.async-invoke-and-await": sync((self: number, name: string, parameters: readonly WitValue[]) =>
      resources.add(new FutureInvokeResult(context, call(self, name, parameters))),
    ),
    "[method]wasm-rpc.schedule-invocation": suspending(
      async (self: number, time: Datetime, name: string, parameters: readonly WitValue[]) => {
        await schedule(context, call(self, name, parameters), time);
      },
    ),
    "[method]wasm-rpc.schedule-cancelable-invocation": suspending(
      async (self: number, time: Datetime, name: string, parameters: readonly WitValue[]) =>
        resources.add(await schedule(context, call(self, name, parameters), time)),
    ),
    "[method]future-invoke-result.subscribe": sync((self: number) =>
      resources.add(resources.get(self, FutureInvokeResult).pollable()),
    ),
    "[method]future-invoke-result.get": sync((self: number) => resources.get(self, FutureInvokeResult).get()),
    "[method]cancellation-token.cancel": suspending((self: number) => resources.get(self, CancellationToken).cancel()),
  };
}

const valueFunctions: FunctionsOf<GolemRpcTypes02, ValueFunction> = {
  "extract-value": sync(({ value }: ValueAndType) => value),
  "extract-type": sync(({ typ }: ValueAndType) => typ),
};

function uriConstructor(context: HostContext): FunctionsOf<GolemRpcTypes01, "[constructor]wasm-rpc"> {
  return {
    "[constructor]wasm-rpc": sync(({ value }: { readonly value: string }) => {
      const { componentId, workerName } = parseWorkerUri(value);
      return context.resources.add(new WasmRpc({ componentId, workerName: workerName ?? newWorkerName(context) }));
    }),
  };
}

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

function idFunctions(context: HostContext): FunctionsOf<GolemRpcTypes02, IdFunction> {
  const { resources } = context;
  return {
    "[constructor]wasm-rpc": sync((id: WitWorkerId) => resources.add(new WasmRpc(fromWitWorkerId(id)))),
    "[static]wasm-rpc.ephemeral": sync(({ uuid }: { readonly uuid: WitUuid }) =>
      resources.add(new WasmRpc({ componentId: fromWitUuid(uuid), workerName: newWorkerName(context) })),
    ),
    "parse-uuid": sync((text: string) =>
      uuidPattern.test(text) ? ok(toWitUuid(text)) : err(`Invalid UUID: "${text}"`),
    ),
    "uuid-to-string": sync((value: WitUuid) => fromWitUuid(value)),
  };
}

function rpcResources(context: HostContext): { readonly [Name in GolemRpcTypes02["resources"]]: HostResource } {
  const drop = resource((representation) => context.resources.remove(representation));
  return { "wasm-rpc": drop, "future-invoke-result": drop, "cancellation-token": drop };
}

const records: RecordsOf<GolemRpcTypes01> = { ...remoteCallRecords, ...scheduledCallRecords };

const types01: HostInterface<GolemRpcTypes01> = {
  name: "golem:rpc/types@0.1.3",
  durable: records,
  bind: (context) => ({
    functions: { ...callFunctions(context), ...valueFunctions, ...uriConstructor(context) },
    resources: rpcResources(context),
  }),
};

const types02: HostInterface<GolemRpcTypes02> = {
  name: "golem:rpc/types@0.2.2",
  durable: { ...records, "[static]wasm-rpc.ephemeral": remoteCallRecords["[constructor]wasm-rpc"] },
  bind: (context) => ({
    functions: { ...callFunctions(context), ...valueFunctions, ...idFunctions(context) },
    resources: rpcResources(context),
  }),
};

export const golemRpc: readonly HostInterface[] = [types01, types02];
