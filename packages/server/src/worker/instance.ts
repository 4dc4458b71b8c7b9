/** A worker's component in memory, bound to its oplog: from load to eviction, failure or restart. */
import { instantiate } from "@emet/component";
import type { Instance, Value, ValueType } from "@emet/component";
import type { ComponentImage, ExportedFunctionInfo } from "../component/component-image.ts";
import { decodeValue, encodeValue } from "../durability/codec/value-codec.ts";
import { HostTrap } from "../durability/errors.ts";
import type { HostContext } from "../host/interface.ts";
import { ExportedResources } from "./exported-resources.ts";
import type { InstanceEnd } from "./instance-end.ts";
import { mapHandles } from "./handles.ts";
import type { GuestTurns } from "./guest-turns.ts";
import { hostImports } from "./host-imports.ts";
import type { MapHandle } from "./handles.ts";
import { callWatchFunction, isWatchFunction } from "./handle-watch.ts";
import { callIncomingHandler, isIncomingHandler } from "./incoming-handler.ts";
import type { IndexedResource, InvocationTarget } from "./invocation-target.ts";
import { loadOf } from "./loaded-limits.ts";
import type { Load } from "./loaded-limits.ts";
import { parseArguments } from "./wave-arguments.ts";
import type { InstanceUsage } from "./usage.ts";
import { badRequest, golemError } from "./worker-error.ts";

/** A request that was found to be in order. */
export interface PreparedCall {
  readonly target: InvocationTarget;
  /** The tuple of parameters, with resource ids for handles. */
  readonly parameters: Value;
  /** For indexed resources. */
  readonly constructorParameters: readonly Value[];
}

interface InstanceParts {
  readonly image: ComponentImage;
  readonly context: HostContext;
  readonly instance: Instance;
  readonly end: InstanceEnd;
  readonly turns: GuestTurns;
}

export class WorkerInstance {
  readonly image: ComponentImage;
  readonly context: HostContext;
  readonly component: Instance;
  /** Resources of the guest that the outside holds. */
  readonly exported: ExportedResources = new ExportedResources();
  /** Where the records end that it made while it started; 0 if it made none. */
  startIndex = 0;
  readonly #end: InstanceEnd;
  readonly #turns: GuestTurns;

  private constructor({ image, context, instance, end, turns }: InstanceParts) {
    this.image = image;
    this.context = context;
    this.component = instance;
    this.#end = end;
    this.#turns = turns;
  }

  /** Instantiates the component; `end` is that of `context.signal`. */
  static async load(
    image: ComponentImage,
    context: HostContext,
    end: InstanceEnd,
    turns: GuestTurns,
  ): Promise<WorkerInstance> {
    const imports = hostImports(image, context);
    const options = { fuel: turns.hooks, now: context.clock.now };
    const instance = await instantiate(image.component, imports, options).catch((error: unknown) => {
      // There was no instance yet to abort with the reason.
      end.throwIfEnded();
      throw error;
    });
    turns.attach(instance);
    return new WorkerInstance({ image, context, instance, end, turns });
  }

  /**
   * Checks what can be wrong with a request before the guest is entered: handles of resources that aren't there, and
   * the arguments of indexed resources. Throws `WorkerError`; the worker is as it was.
   */
  prepare(target: InvocationTarget, request: Uint8Array): PreparedCall {
    const { parametersType, indexed } = target;
    const parameters = decodeValue<Value>(parametersType, request);
    const given = new Set<number>();
    mapHandles(parametersType, parameters, (handle, id) => {
      const representation = this.#checkHandle(handle, id);
      if (given.has(id)) throw golemError({ type: "ValueMismatch", details: `resource ${id} is given away twice` });
      if (handle.kind === "own") given.add(id);
      return representation;
    });
    if (indexed === undefined) return { target, parameters, constructorParameters: [] };
    const constructorParameters = parseArguments(indexed.constructor.type.parameters, indexed.argumentsText);
    return { target, parameters, constructorParameters };
  }

  /** Runs an exported function. The result is an encoded tuple with resource ids for handles. */
  async invoke(call: PreparedCall): Promise<Uint8Array<ArrayBuffer>> {
    const { target } = call;
    this.#turns.begin();
    const parameters = mapHandles(target.parametersType, call.parameters, this.#takeHandle) as readonly Value[];
    const results = await this.#call(call, parameters);
    this.context.durable.endOpenBatches();
    this.context.trace.end();
    const mapped = mapHandles(target.resultsType, results, this.#giveHandle);
    return encodeValue<Value>(target.resultsType, mapped);
  }

  /** Calls an export that is no invocation of a client; gives its result as it is. */
  async callExport(info: ExportedFunctionInfo, parameters: readonly Value[]): Promise<Value> {
    this.#turns.begin();
    const [result] = await this.#callFunction(info, parameters);
    return result;
  }

  /** Ends whatever runs with `reason`; the guest can't catch it. */
  abort(reason: Error): void {
    this.#end.end(reason);
    this.component.abort(reason);
  }

  get ended(): boolean {
    return this.#end.ended;
  }

  /** Frees what the host holds for it. */
  close(): void {
    this.#end.end(new HostTrap("the instance has ended"));
    this.usage.tell();
    this.context.durable.close();
    this.context.resources.closeAll();
  }

  memoryBytes(): number {
    return this.component.memoryBytes();
  }

  /** What it takes as of now. */
  load(): Load {
    return loadOf(this.component.footprint());
  }

  memories(): readonly object[] {
    return this.component.memories;
  }

  fuelUsed(): number {
    return this.component.fuelUsed();
  }

  get usage(): InstanceUsage {
    return this.#turns.usage;
  }

  #call(call: PreparedCall, parameters: readonly Value[]): Promise<readonly Value[]> {
    const { info, indexed } = call.target;
    return indexed === undefined ? this.#callFunction(info, parameters) : this.#callIndexed(indexed, call, parameters);
  }

  async #callIndexed(
    indexed: IndexedResource,
    call: PreparedCall,
    parameters: readonly Value[],
  ): Promise<readonly Value[]> {
    const { info } = call.target;
    const id = await this.#indexedResource(indexed, call.constructorParameters);
    const owned = this.exported.get(id);
    if (owned === undefined) throw new HostTrap(`resource ${id} is gone`);
    if (info.name.startsWith("[constructor]")) return [owned.representation];
    if (info.name.startsWith("[resource-drop]")) this.#forget(id);
    return await this.#callFunction(info, [owned.representation, ...parameters]);
  }

  #callFunction(info: ExportedFunctionInfo, parameters: readonly Value[]): Promise<readonly Value[]> {
    const dropsResource = info.name.startsWith("[resource-drop]");
    if (dropsResource || isIncomingHandler(info) || isWatchFunction(info)) return this.#callVirtual(info, parameters);
    const exported = this.component.function(info.interface, info.name);
    if (exported === undefined) throw new HostTrap(`the component does not export ${info.name}`);
    const tuple = (result: Value): readonly Value[] => (info.type.result === undefined ? [] : [result]);
    return exported.call(parameters).then(tuple);
  }

  /** What the server makes of the component's exports. */
  async #callVirtual(info: ExportedFunctionInfo, parameters: readonly Value[]): Promise<readonly Value[]> {
    const guest = { image: this.image, instance: this.component, context: this.context };
    if (isIncomingHandler(info)) return [await callIncomingHandler(guest, info, parameters[0])];
    if (isWatchFunction(info)) {
      await callWatchFunction(guest, info, parameters);
      return [];
    }
    const [self] = info.type.parameters;
    if (self?.type.kind === "own") await this.component.dropResource(self.type.resource, parameters[0] as number);
    return [];
  }

  async #indexedResource(indexed: IndexedResource, parameters: readonly Value[]): Promise<number> {
    const { constructor, resourceName, argumentsText } = indexed;
    const known = this.exported.indexed(resourceName, argumentsText);
    if (known !== undefined) return known;
    const [representation] = await this.#callFunction(constructor, parameters);
    const { result } = constructor.type;
    if (result?.kind !== "own") throw badRequest(`${constructor.name} does not make a resource`);
    const id = this.#addResource(result.resource, representation as number);
    this.exported.index(resourceName, argumentsText, id);
    this.context.durable.hint("describe-resource", { resourceId: id, resourceName, parameters: [argumentsText] });
    return id;
  }

  #addResource(resource: number, representation: number): number {
    const id = this.exported.add({ resource, representation });
    this.context.durable.hint("create-resource", { resourceId: id });
    return id;
  }

  #forget(id: number): void {
    this.exported.remove(id);
    this.context.durable.hint("drop-resource", { resourceId: id });
  }

  readonly #checkHandle: MapHandle = (handle, id) => {
    const owned = this.exported.get(id);
    if (owned === undefined) throw golemError({ type: "ValueMismatch", details: `there is no resource ${id}` });
    if (owned.resource !== handle.resource) {
      throw golemError({ type: "ValueMismatch", details: `resource ${id} is of another type` });
    }
    return owned.representation;
  };

  readonly #takeHandle: MapHandle = (handle, id) => {
    const representation = this.#checkHandle(handle, id);
    if (handle.kind === "own") this.#forget(id);
    return representation;
  };

  readonly #giveHandle: MapHandle = (handle: ValueType & { readonly resource: number }, representation) =>
    this.#addResource(handle.resource, representation);
}
