/**
 * Generated client instances (spec/host-interfaces.md §12.6): their functions are made from the types that the component
 * imports them with. A client stands for a worker, or for a resource of a worker; a failed call traps.
 */
import type { FunctionType, HostFunction, HostInstance, HostResource, Value, ValueType } from "@emet/component";
import type { ClientInstance, ClientTarget } from "../../component/component-image.ts";
import { option, record, string } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import { HostTrap } from "../../durability/errors.ts";
import type { WorkerId } from "../../platform/worker-id.ts";
import { fromWitUuid, fromWitWorkerId } from "../golem-api/types.ts";
import type { WitUuid, WitWorkerId } from "../golem-api/types.ts";
import type { HostContext } from "../interface.ts";
import { resource, suspending, sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject, Saver } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { FutureInvokeResult, invoke, invokeAndAwait, newCall, newWorkerName } from "./remote-calls.ts";
import type { CallResult } from "./remote-calls.ts";
import { schedule } from "./scheduled-calls.ts";
import type { Datetime } from "./scheduled-calls.ts";
import { fromWitValue, toWitValue } from "./wit-value.ts";
import type { WitHandles, WitNode, WitValue } from "./wit-value.ts";
import { parseHandleUri } from "./worker-uri.ts";

const resolveFunction = durableFunction({
  name: "golem::rpc::client::resolve_component_id",
  class: "remote-read",
  request: record({ name: string }),
  response: option(string),
});

export const clientInstanceDurable = [resolveFunction] as const;

type Handle = Extract<WitNode, { readonly tag: "handle" }>["val"];

const savedClient = savedKind(
  "rpc-client",
  ({ worker, handle }: { readonly worker: WorkerId; readonly handle: Handle | undefined }) =>
    new Client(worker, handle),
);
const savedFuture = savedKind<number>(
  "rpc-client-future",
  (call, restorer) => new ClientFuture(restorer.object(call, FutureInvokeResult)),
);

/** A worker, or with a handle one of its resources. */
class Client extends HostObject {
  readonly worker: WorkerId;
  readonly handle: Handle | undefined;

  constructor(worker: WorkerId, handle: Handle | undefined) {
    super();
    this.worker = worker;
    this.handle = handle;
  }

  override save(): SavedObject {
    return savedClient({ worker: this.worker, handle: this.handle });
  }
}

class ClientFuture extends HostObject {
  readonly call: FutureInvokeResult;

  constructor(call: FutureInvokeResult) {
    super();
    this.call = call;
  }

  override save(saver: Saver): SavedObject {
    return savedFuture(saver.object(this.call));
  }
}

/** What an imported function is, by its canonical name. */
const functionName = /^\[(?<kind>constructor|method|static)\](?<resource>[^.]+)(?:\.(?<member>.+))?$/u;
const futureName = /^future-.+-result$/u;

class ClientLinker {
  readonly #context: HostContext;
  readonly #client: ClientInstance;
  readonly #handles: WitHandles;

  constructor(context: HostContext, client: ClientInstance) {
    const { resources } = context;
    this.#context = context;
    this.#client = client;
    this.#handles = {
      toUri: (representation) => {
        const { handle } = resources.get(representation, Client);
        if (handle === undefined) throw new HostTrap("a client of a worker can't be passed on as a resource");
        return { uri: handle[0].value, id: handle[1] };
      },
      fromUri: (uri, id) => resources.add(new Client(parseHandleUri(uri), [{ value: uri }, id])),
    };
  }

  link(): HostInstance {
    const { functions, resources } = this.#client.imported;
    return {
      functions: Object.fromEntries(functions.flatMap(({ name, type }) => this.#function(name, type))),
      resources: Object.fromEntries(resources.map(({ name }) => [name, this.#resource(name)])),
    };
  }

  /** A client for a resource; else it is one for the worker as a whole. */
  #isResourceClient(name: string, target: ClientTarget): boolean {
    return !target.interfaceName.split("@")[0]?.endsWith(`/${name}`);
  }

  #resource(name: string): HostResource {
    const target = this.#client.targets[name];
    const remove = (representation: number): void => this.#context.resources.remove(representation);
    if (target === undefined || !this.#isResourceClient(name, target)) return resource(remove);
    return {
      kind: "resource",
      waits: true,
      drop: async (representation) => {
        const { worker, handle } = this.#context.resources.get(representation, Client);
        remove(representation);
        const parameters = handle === undefined ? [] : [handleValue(handle)];
        await this.#await(worker, `${target.interfaceName}.{${name}.drop}`, parameters);
      },
    };
  }

  #function(name: string, type: FunctionType): readonly (readonly [string, HostFunction])[] {
    const { kind, resource: resourceName = "", member = "" } = functionName.exec(name)?.groups ?? {};
    if (futureName.test(resourceName)) return [[name, this.#futureFunction(member, type)]];
    const target = this.#client.targets[resourceName];
    if (target === undefined) return [];
    if (kind === "method") return [[name, this.#method(resourceName, member, { target, type })]];
    return [[name, this.#newClient(resourceName, kind === "static", { target, type })]];
  }

  #newClient(
    name: string,
    explicit: boolean,
    { target, type }: { readonly target: ClientTarget; readonly type: FunctionType },
  ): HostFunction {
    const { resources } = this.#context;
    const named = !explicit && target.componentType === "Durable";
    const own = type.parameters.slice(explicit || named ? 1 : 0);
    return suspending(async (...given: Value[]) => {
      const [first] = given;
      const worker = explicit
        ? this.#explicitWorker(first)
        : await this.#worker(target, named ? (first as string) : undefined);
      if (!this.#isResourceClient(name, target)) return resources.add(new Client(worker, undefined));
      const parameters = given.slice(given.length - own.length);
      const values = own.map((parameter, index) => toWitValue(parameter.type, parameters[index], this.#handles));
      const result = await this.#await(worker, `${target.interfaceName}.{${name}.new}`, values);
      return resources.add(new Client(worker, handleOf(result)));
    });
  }

  async #worker({ componentName }: ClientTarget, workerName: string | undefined): Promise<WorkerId> {
    const { durable, rpc } = this.#context;
    const name = workerName ?? newWorkerName(this.#context);
    const componentId = await durable.callWaiting(resolveFunction, { name: componentName }, () =>
      rpc.component(componentName),
    );
    if (componentId === undefined) throw new HostTrap(`There is no component "${componentName}"`);
    return { componentId, workerName: name };
  }

  /** A worker-id, or a component-id of which a new worker is meant. */
  #explicitWorker(id: Value): WorkerId {
    const given = id as unknown as WitWorkerId | { readonly uuid: WitUuid };
    if ("workerName" in given) return fromWitWorkerId(given);
    return { componentId: fromWitUuid(given.uuid), workerName: newWorkerName(this.#context) };
  }

  #method(
    resourceName: string,
    member: string,
    { target, type }: { readonly target: ClientTarget; readonly type: FunctionType },
  ): HostFunction {
    const context = this.#context;
    const isResource = this.#isResourceClient(resourceName, target);
    const nameOf = (method: string): string =>
      `${target.interfaceName}.{${isResource ? `${resourceName}.${method}` : method}}`;
    const prepare = (self: number, given: readonly Value[], count: number): readonly [WorkerId, WitValue[]] => {
      const { worker, handle } = context.resources.get(self, Client);
      const own = type.parameters.slice(1, 1 + count);
      const values = own.map((parameter, index) => toWitValue(parameter.type, given[index], this.#handles));
      return [worker, handle === undefined ? values : [handleValue(handle), ...values]];
    };
    const count = type.parameters.length - 1;
    if (member.startsWith("blocking-")) {
      const remote = nameOf(member.slice("blocking-".length));
      return suspending(async (self: number, ...given: Value[]) => {
        const [worker, values] = prepare(self, given, count);
        return this.#result(type.result, await this.#await(worker, remote, values));
      });
    }
    if (member.startsWith("schedule-")) {
      const remote = nameOf(member.slice("schedule-".length));
      return suspending(async (self: number, ...given: Value[]) => {
        const [worker, values] = prepare(self, given, count - 1);
        const time = given[count - 1] as unknown as Datetime;
        return context.resources.add(await schedule(context, newCall(context, worker, remote, values), time));
      });
    }
    const remote = nameOf(member);
    if (type.result !== undefined) {
      return sync((self: number, ...given: Value[]) => {
        const [worker, values] = prepare(self, given, count);
        const call = newCall(context, worker, remote, values);
        return context.resources.add(new ClientFuture(new FutureInvokeResult(context, call)));
      });
    }
    return suspending(async (self: number, ...given: Value[]) => {
      const [worker, values] = prepare(self, given, count);
      const accepted = await invoke(context, newCall(context, worker, remote, values));
      if (accepted.tag === "err") throw failed(remote, accepted.val);
    });
  }

  #futureFunction(member: string, type: FunctionType): HostFunction {
    const { resources } = this.#context;
    if (member === "subscribe")
      return sync((self: number) => resources.add(resources.get(self, ClientFuture).call.pollable()));
    const { result } = type;
    const some = result?.kind === "option" ? result.some : undefined;
    return sync((self: number) => {
      const outcome = resources.get(self, ClientFuture).call.get();
      if (outcome === undefined) return some?.kind === "option" ? { tag: "none" } : undefined;
      if (outcome.tag === "err") throw failed("the call", outcome.val);
      const value = this.#result(some, outcome.val);
      return some?.kind === "option" ? { tag: "some", val: value } : value;
    });
  }

  async #await(worker: WorkerId, name: string, parameters: readonly WitValue[]): Promise<WitValue> {
    const outcome: CallResult = await invokeAndAwait(this.#context, newCall(this.#context, worker, name, parameters));
    if (outcome.tag === "err") throw failed(name, outcome.val);
    return outcome.val;
  }

  #result(type: ValueType | undefined, results: WitValue): Value {
    if (type === undefined) return undefined;
    const [value] = fromWitValue({ kind: "tuple", items: [type] }, results, this.#handles) as readonly Value[];
    return value;
  }
}

function failed(name: string, { tag, val }: { readonly tag: string; readonly val: string }): HostTrap {
  return new HostTrap(`${name} failed: ${tag}: ${val}`);
}

function handleValue(handle: Handle): WitValue {
  return { nodes: [{ tag: "handle", val: handle }] };
}

/** The only result of a constructor. */
function handleOf({ nodes }: WitValue): Handle {
  const found = nodes.find((node) => node.tag === "handle");
  if (found === undefined) throw new HostTrap("the constructor gave no handle");
  return found.val;
}

export function clientInstance(context: HostContext, client: ClientInstance): HostInstance {
  return new ClientLinker(context, client).link();
}
