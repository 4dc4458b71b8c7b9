/**
 * wasi:keyvalue/cache: values with a time to live, shared by all workers. A call does its work before it returns, so that
 * every future is ready from the start.
 */
import { bool, bytes, option, record, string, u32, u64 } from "../../durability/codec/schema.ts";
import type { GetOrSetEntry, WasiKeyvalueCache } from "../generated/wasi-keyvalue/cache.ts";
import type { FunctionsOf, HostContext, HostInterface, MaybePromise } from "../interface.ts";
import { resource, suspending, sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import type { Result } from "../results.ts";
import { ReadyPollable } from "../wasi-io/pollable.ts";
import { callStore, mapMaybe, nameProblem, storeFunction } from "../store-calls.ts";
import type { GuestCall } from "./calls.ts";
import { incomingValue, nothing } from "./eventual.ts";
import { IncomingValue, OutgoingValue, toGuest } from "./values.ts";

const space = "cache:";
const place = record({ key: string });

const get = storeFunction("golem keyvalue::cache::get", "remote-read", place, option(bytes));
const exists = storeFunction("golem keyvalue::cache::exists", "remote-read", place, bool);
const set = storeFunction(
  "golem keyvalue::cache::set",
  "remote-write",
  record({ key: string, value: u64, ttlMs: option(u32) }),
);
const getOrSet = storeFunction("golem keyvalue::cache::get_or_set", "remote-read", place, option(bytes));
const remove = storeFunction("golem keyvalue::cache::delete", "remote-write", place);

/** Makes its result each time it is asked for, with new resources. */
abstract class CacheFuture<T> extends HostObject {
  readonly result: () => Result<T, number>;

  constructor(result: () => Result<T, number>) {
    super();
    this.result = result;
  }
}

/** Four classes, so that a handle of one kind isn't taken for another. */
class FutureGetResult extends CacheFuture<number | undefined> {}
class FutureExistsResult extends CacheFuture<boolean> {}
class FutureResult extends CacheFuture<undefined> {}
class FutureGetOrSetResult extends CacheFuture<GetOrSetEntry> {}

/** Writes that complete when a guest is done with a value, not in a call that could wait. */
class Fills {
  readonly #context: HostContext;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(context: HostContext) {
    this.#context = context;
  }

  /** Stores a value if it can: what isn't in a cache can be made again. A replay leaves it to the run that was live. */
  add(key: string, value: Uint8Array, ttlMs: number | undefined): void {
    const { durable, keyValues } = this.#context;
    if (!durable.live) return;
    this.#waiting += 1;
    const before = this.#last;
    const fill = async (): Promise<void> => {
      await before;
      // What the value was made from must not be lost while the value stays.
      await durable.commit();
      await keyValues.writeAgain({ kind: "set", space, entries: [[key, value]], ...expiry(this.#context, ttlMs) });
    };
    this.#last = fill()
      .catch(() => undefined)
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  /** What this worker does next must find what it filled. */
  after<T>(next: () => Promise<T>): Promise<T> {
    return this.#waiting === 0 ? next() : this.#last.then(next);
  }
}

const savedVacancy = savedKind<string>("cache-vacancy", (key) => new Vacancy(key));

/** The right to fill in a value that was missing. */
class Vacancy extends HostObject {
  readonly key: string;

  constructor(key: string) {
    super();
    this.key = key;
  }

  override save(): SavedObject {
    return savedVacancy(this.key);
  }
}

/** Is stored when its body is written: at once for a whole body, when the stream is dropped otherwise. */
class FillingValue extends OutgoingValue {
  readonly #finished: (value: Uint8Array) => void;

  constructor(bytesMax: number, finished: (value: Uint8Array) => void) {
    super(bytesMax);
    this.#finished = finished;
  }

  override finish(): void {
    this.#finished(this.bytes());
  }

  /** What follows its end is known to the call that made it. */
  override save(): undefined {
    return undefined;
  }
}

function expiry(context: HostContext, ttlMs: number | undefined): { readonly expiresMs?: number } {
  return ttlMs === undefined ? {} : { expiresMs: context.clock.now() + ttlMs };
}

type Functions = keyof WasiKeyvalueCache["functions"];
type FutureFunction = Extract<Functions, `[method]future-${string}`>;

function futureFunctions({ resources }: HostContext): FunctionsOf<WasiKeyvalueCache, FutureFunction> {
  const listen = (kind: abstract new (...parameters: never[]) => HostObject) =>
    sync((self: number) => {
      resources.get(self, kind);
      return resources.add(new ReadyPollable());
    });
  return {
    "[method]future-get-result.future-get-result-get": sync((self: number) =>
      resources.get(self, FutureGetResult).result(),
    ),
    "[method]future-get-result.listen-to-future-get-result": listen(FutureGetResult),
    "[method]future-exists-result.future-exists-result-get": sync((self: number) =>
      resources.get(self, FutureExistsResult).result(),
    ),
    "[method]future-exists-result.listen-to-future-exists-result": listen(FutureExistsResult),
    "[method]future-result.future-result-get": sync((self: number) => resources.get(self, FutureResult).result()),
    "[method]future-result.listen-to-future-result": listen(FutureResult),
    "[method]future-get-or-set-result.future-get-or-set-result-get": sync((self: number) =>
      resources.get(self, FutureGetOrSetResult).result(),
    ),
    "[method]future-get-or-set-result.listen-to-future-get-or-set-result": listen(FutureGetOrSetResult),
  };
}

/** Calls the store; the outcome is kept as it was recorded and shown whenever the future is asked. */
function start<Request, T, G>(
  context: HostContext,
  Future: new (result: () => Result<G, number>) => CacheFuture<G>,
  call: GuestCall<Request, T, G>,
): MaybePromise<number> {
  return mapMaybe(callStore(context, call), (outcome) =>
    context.resources.add(new Future(() => toGuest(context, outcome, call.map))),
  );
}

function reads(context: HostContext, fills: Fills): FunctionsOf<WasiKeyvalueCache, "get" | "exists" | "get-or-set"> {
  const { keyValues, resources } = context;
  const read = (key: string) => (): Promise<Uint8Array | undefined> =>
    fills.after(async () => (await keyValues.get(space, [key]))[0]);
  return {
    get: suspending((key: string) =>
      start(context, FutureGetResult, {
        function: get,
        request: { key },
        problem: nameProblem("key", key),
        perform: read(key),
        map: (value) => incomingValue(context, value),
      }),
    ),
    exists: suspending((key: string) =>
      start(context, FutureExistsResult, {
        function: exists,
        request: { key },
        problem: nameProblem("key", key),
        perform: () => fills.after(() => keyValues.exists(space, key)),
        map: (found) => found,
      }),
    ),
    "get-or-set": suspending((key: string) =>
      start(context, FutureGetOrSetResult, {
        function: getOrSet,
        request: { key },
        problem: nameProblem("key", key),
        perform: read(key),
        map: (value): GetOrSetEntry =>
          value === undefined
            ? { tag: "vacant", val: resources.add(new Vacancy(key)) }
            : { tag: "occupied", val: resources.add(new IncomingValue(value)) },
      }),
    ),
  };
}

function writes(
  context: HostContext,
  fills: Fills,
): FunctionsOf<WasiKeyvalueCache, "set" | "delete" | "[method]vacancy.vacancy-fill"> {
  const { keyValues, resources } = context;
  return {
    set: suspending((key: string, outgoing: number, ttlMs: number | undefined) => {
      const value = resources.get(outgoing, OutgoingValue).bytes();
      const change = { kind: "set", space, entries: [[key, value]] } as const;
      return start(context, FutureResult, {
        function: set,
        request: { key, value: BigInt(value.length), ttlMs },
        problem: nameProblem("key", key),
        perform: () => fills.after(async () => void (await keyValues.write({ ...change, ...expiry(context, ttlMs) }))),
        map: nothing,
      });
    }),
    delete: suspending((key: string) =>
      start(context, FutureResult, {
        function: remove,
        request: { key },
        problem: nameProblem("key", key),
        perform: () => fills.after(async () => void (await keyValues.write({ kind: "delete", space, keys: [key] }))),
        map: nothing,
      }),
    ),
    "[method]vacancy.vacancy-fill": sync((self: number, ttlMs: number | undefined) => {
      const { key } = resources.get(self, Vacancy);
      return resources.add(new FillingValue(keyValues.valueBytesMax, (value) => fills.add(key, value, ttlMs)));
    }),
  };
}

export const cache: HostInterface<WasiKeyvalueCache> = {
  name: "wasi:keyvalue/cache@0.1.0",
  durable: { get, exists, set, "get-or-set": getOrSet, delete: remove },
  bind: (context) => {
    const fills = new Fills(context);
    const drop = resource((representation) => context.resources.remove(representation));
    return {
      functions: { ...futureFunctions(context), ...reads(context, fills), ...writes(context, fills) },
      resources: {
        "future-get-result": drop,
        "future-exists-result": drop,
        "future-result": drop,
        "future-get-or-set-result": drop,
        vacancy: drop,
      },
    };
  },
};
