/**
 * golem:durability (spec/host-interfaces.md §11): guests record calls of their own, as the host does its functions'.
 * Where a call is found recorded the guest reads it, else it performs it and records it.
 */
import { decodeValue, encodeValue } from "../../durability/codec/value-codec.ts";
import type { FunctionClass } from "../../durability/durable-function.ts";
import { HostTrap } from "../../durability/errors.ts";
import type {
  GolemDurabilityDurability,
  PersistedDurableFunctionInvocation,
  ValueAndType,
  WrappedFunctionType,
} from "../generated/golem-durability-1.2/durability.ts";
import { valueAndType } from "../golem-rpc/wit-type.ts";
import type { FunctionsOf, HostContext, HostInterface } from "../interface.ts";
import { resource, suspending, sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import { Pollable } from "../wasi-io/pollable.ts";

const classes: { readonly [T in WrappedFunctionType["tag"]]: FunctionClass } = {
  "read-local": "local-read",
  "write-local": "local-write",
  "read-remote": "remote-read",
  "write-remote": "remote-write",
  "write-remote-batched": "batched-remote-write",
};

/** Whether a call stands between markers: it opens a batch, or it is one that must not be repeated. */
function isMarked({ durable }: HostContext, type: WrappedFunctionType): boolean {
  if (type.tag === "write-remote-batched") return type.val === undefined;
  return type.tag === "write-remote" && !durable.idempotenceMode;
}

function toWitType(functionClass: FunctionClass, beginIndex: number): WrappedFunctionType {
  if (functionClass === "batched-remote-write") return { tag: "write-remote-batched", val: BigInt(beginIndex) };
  const found = (Object.keys(classes) as (keyof typeof classes)[]).find((tag) => classes[tag] === functionClass);
  return { tag: found ?? "read-local" } as WrappedFunctionType;
}

function readPersisted({ durable }: HostContext): PersistedDurableFunctionInvocation {
  const { name, response, timestampMs, ...call } = durable.takeCustom();
  return {
    timestamp: { seconds: BigInt(Math.floor(timestampMs / 1000)), nanoseconds: (timestampMs % 1000) * 1_000_000 },
    functionName: name,
    response,
    functionType: toWitType(call.class, call.beginIndex),
    entryVersion: "v2",
  };
}

/** A pollable that stands for another one, which comes later. */
class LazyPollable extends HostObject {
  inner: Pollable | undefined;
  readonly #set = Promise.withResolvers<void>();

  set(pollable: Pollable): void {
    if (this.inner !== undefined) throw new HostTrap("the lazy-initialized-pollable has been set already");
    this.inner = pollable;
    this.#set.resolve();
  }

  pollable(): Pollable {
    return new InnerPollable(this, this.#set.promise);
  }
}

class InnerPollable extends Pollable {
  readonly #lazy: LazyPollable;
  readonly #set: Promise<void>;

  constructor(lazy: LazyPollable, set: Promise<void>) {
    super();
    this.#lazy = lazy;
    this.#set = set;
  }

  override ready(): boolean {
    return this.#lazy.inner?.ready() ?? false;
  }

  override async wait(signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => aborted.resolve(), { once: true });
    await Promise.race([this.#lazy.inner?.wait(signal) ?? this.#set, aborted.promise]);
  }
}

type PollableFunction = Extract<keyof GolemDurabilityDurability["functions"], `[${string}`>;

function pollableFunctions({ resources }: HostContext): FunctionsOf<GolemDurabilityDurability, PollableFunction> {
  return {
    "[constructor]lazy-initialized-pollable": sync(() => resources.add(new LazyPollable())),
    "[method]lazy-initialized-pollable.set": sync((self: number, pollable: number) =>
      resources.get(self, LazyPollable).set(resources.get(pollable, Pollable)),
    ),
    "[method]lazy-initialized-pollable.subscribe": sync((self: number) =>
      resources.add(resources.get(self, LazyPollable).pollable()),
    ),
  };
}

function callFunctions(
  context: HostContext,
): FunctionsOf<GolemDurabilityDurability, Exclude<keyof GolemDurabilityDurability["functions"], PollableFunction>> {
  const { durable } = context;
  const record = (name: string, request: Uint8Array, response: Uint8Array, type: WrappedFunctionType): void => {
    const beginIndex = type.tag === "write-remote-batched" ? Number(type.val ?? 0n) : 0;
    durable.recordCustom({ name, class: classes[type.tag], beginIndex, request, response });
  };
  const encode = (value: ValueAndType): Uint8Array => encodeValue<ValueAndType>(valueAndType.type, value);
  return {
    // For metrics of the guest's wrappers; nothing depends on it.
    "observe-function-call": sync((_iface: string, _function: string) => undefined),
    "begin-durable-function": suspending(async (type: WrappedFunctionType) => {
      if (isMarked(context, type)) return BigInt(await durable.beginGuestWrite());
      // What the write is based on must not be lost while its effect stays.
      if (type.tag === "write-remote") await durable.commit();
      return BigInt(durable.currentIndex);
    }),
    "end-durable-function": suspending(async (type: WrappedFunctionType, begin: bigint, forcedCommit: boolean) => {
      const marked = isMarked(context, type) && durable.persistenceLevel !== "persist-nothing";
      if (marked) durable.mark("end-remote-write", { beginIndex: Number(begin) });
      if (forcedCommit || type.tag.startsWith("write-remote")) await durable.commit();
    }),
    "current-durable-execution-state": sync(() => ({
      isLive: durable.live,
      persistenceLevel: { tag: durable.persistenceLevel },
    })),
    "persist-durable-function-invocation": sync(record),
    "persist-typed-durable-function-invocation": sync(
      (name: string, request: ValueAndType, response: ValueAndType, type: WrappedFunctionType) =>
        record(name, encode(request), encode(response), type),
    ),
    "read-persisted-durable-function-invocation": sync(() => readPersisted(context)),
    "read-persisted-typed-durable-function-invocation": sync(() => {
      const { response, ...persisted } = readPersisted(context);
      return { ...persisted, response: decodeValue<ValueAndType>(valueAndType.type, response) };
    }),
  };
}

export const durability: HostInterface<GolemDurabilityDurability> = {
  name: "golem:durability/durability@1.2.1",
  durable: {
    "begin-durable-function": "begin-remote-write",
    "end-durable-function": "end-remote-write",
    "persist-durable-function-invocation": "imported-function-invoked",
    "persist-typed-durable-function-invocation": "imported-function-invoked",
    "read-persisted-durable-function-invocation": "imported-function-invoked",
    "read-persisted-typed-durable-function-invocation": "imported-function-invoked",
  },
  bind: (context) => ({
    functions: { ...pollableFunctions(context), ...callFunctions(context) },
    resources: { "lazy-initialized-pollable": resource((representation) => context.resources.remove(representation)) },
  }),
};
