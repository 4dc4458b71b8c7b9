/** What generated clients of components are made of. */
import type { Value } from "@emet/component/values";
import type { Json } from "../values/json.ts";
import { typeFromJson } from "../values/type-json.ts";
import type { TypeJson } from "../values/type-json.ts";
import { valueFromJson } from "../values/value-from-json.ts";
import { valueToJson } from "../values/value-to-json.ts";
import type { EmetClient } from "./emet-client.ts";
import type { InvocationOptions, InvocationTarget } from "./worker-types.ts";

/** A function that gave an `err`. */
export class ResultError<E> extends Error {
  override readonly name = "ResultError";
  readonly payload: E;

  constructor(functionName: string, payload: E) {
    super(`${functionName} gave an error: ${describePayload(payload)}`);
    this.payload = payload;
  }
}

function describePayload(payload: unknown): string {
  if (typeof payload === "string") return payload;
  return JSON.stringify(payload, (_key, item: unknown) => (typeof item === "bigint" ? item.toString() : item)) ?? "";
}

/** An exported function as generated clients describe it. */
export interface FunctionSignature {
  /** `ns:pkg/interface.{function}`. */
  readonly name: string;
  readonly parameters: readonly TypeJson[];
  readonly result?: TypeJson;
}

/** A resource that lives in a worker. */
export class RemoteResource {
  protected readonly worker: TypedWorker;
  /** What the server calls it. */
  readonly urn: string;

  constructor(worker: TypedWorker, urn: string) {
    this.worker = worker;
    this.urn = urn;
  }
}

export type ResourceClass = new (worker: TypedWorker, urn: string) => RemoteResource;

/** A worker whose functions are called with values in their JavaScript form. */
export class TypedWorker {
  readonly #client: EmetClient;
  readonly #target: InvocationTarget;
  readonly #resources: { readonly [id: number]: ResourceClass };

  /** `resources` by the number that the component's types have for them. */
  constructor(client: EmetClient, target: InvocationTarget, resources: { readonly [id: number]: ResourceClass } = {}) {
    this.#client = client;
    this.#target = target;
    this.#resources = resources;
  }

  /** Calls a function and waits. Throws `ResultError` for an `err`, `EmetError` for every failure. */
  async call<T>(signature: FunctionSignature, args: readonly unknown[], options?: InvocationOptions): Promise<T> {
    const params = this.#params(signature, args);
    const { typ, value } = await this.#client.workers.invoke(this.#target, signature.name, params, options);
    const [only] = typ.type === "Tuple" ? (value as readonly Json[]) : [value];
    if (signature.result === undefined || only === undefined) return undefined as T;
    const result = this.#read(signature.result, only);
    if (signature.result.type !== "Result") return result as T;
    const { tag, val } = result as { readonly tag: "ok" | "err"; readonly val: Value };
    if (tag === "err") throw new ResultError(signature.name, val);
    return val as T;
  }

  /** Calls a function without waiting for it; resolves when the call is stored. */
  async enqueue(signature: FunctionSignature, args: readonly unknown[], options?: InvocationOptions): Promise<void> {
    await this.#client.workers.enqueue(this.#target, signature.name, this.#params(signature, args), options);
  }

  #params(signature: FunctionSignature, args: readonly unknown[]): Json[] {
    const urn = (resource: unknown): string => (resource as RemoteResource).urn;
    return signature.parameters.map((type, index) => {
      const json = valueToJson(typeFromJson(type), args[index] as Value, { urn });
      // The server takes a lone `typ` and `value` for a value with its type.
      return { typ: type, value: json };
    });
  }

  #read(type: TypeJson, json: Json): Value {
    const representation = (urn: string, id: number): Value => {
      const resource = this.#resources[id];
      return resource === undefined ? urn : (new resource(this, urn) as unknown as Value);
    };
    return valueFromJson(typeFromJson(type), json, { representation, nullFloats: true }, "result");
  }
}
