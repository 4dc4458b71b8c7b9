/**
 * wasi:keyvalue/cache: values with a time to live, shared by all workers. A call does its work before it returns, so that
 * every future is ready from the start.
 */
import { bool, bytes, option, record, string, u32, u64 } from "../../durability/codec/schema.ts";
import type { HostContext, HostFunctions, HostInterface, MaybePromise } from "../interface.ts";
import { resource, suspending, sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { Result } from "../results.ts";
import { ReadyPollable } from "../wasi-io/pollable.ts";
import { refusable, storeFunction } from "./calls.ts";
import type { StoreCall } from "./calls.ts";
import { incomingValue, nothing } from "./eventual.ts";
import { mapMaybe, nameProblem, OutgoingValue, toGuest } from "./values.ts";

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

/** Each of the four kinds of future is a class of its own, so that a handle of one isn't taken for another. */
abstract class CacheFuture extends HostObject {
  /** Makes the result; each time it is asked for, with new resources. */
  readonly result: () => Result<unknown, number>;

  constructor(result: () => Result<unknown, number>) {
    super();
    this.result = result;
  }
}
class FutureGetResult extends CacheFuture {}
class FutureExistsResult extends CacheFuture {}
class FutureResult extends CacheFuture {}
class FutureGetOrSetResult extends CacheFuture {}

const futures = {
  "future-get-result": FutureGetResult,
  "future-exists-result": FutureExistsResult,
  "future-result": FutureResult,
  "future-get-or-set-result": FutureGetOrSetResult,
} as const;

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
    const { durable, keyValues, clock } = this.#context;
    if (!durable.live) return;
    this.#waiting += 1;
    const before = this.#last;
    const fill = async (): Promise<void> => {
      await before;
      // What the value was made from must not be lost while the value stays.
      await durable.commit();
      const expiry = ttlMs === undefined ? {} : { expiresMs: clock.now() + ttlMs };
      await keyValues.writeAgain({ kind: "set", space, entries: [[key, value]], ...expiry });
    };
    this.#last = fill()
      .catch(() => undefined)
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  /** What this worker does next must find what it filled. */
  then<T>(next: () => Promise<T>): Promise<T> {
    return this.#waiting === 0 ? next() : this.#last.then(next);
  }
}

/** The right to fill in a value that was missing. */
class Vacancy extends HostObject {
  readonly key: string;

  constructor(key: string) {
    super();
    this.key = key;
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
}

function expiry(context: HostContext, ttlMs: number | undefined): { readonly expiresMs?: number } {
  return ttlMs === undefined ? {} : { expiresMs: context.clock.now() + ttlMs };
}

function futureFunctions({ resources }: HostContext): HostFunctions {
  const functions: { [name: string]: HostFunctions[string] } = {};
  for (const [name, kind] of Object.entries(futures)) {
    functions[`[method]${name}.${name}-get`] = sync((self: number) => resources.get(self, kind).result());
    functions[`[method]${name}.listen-to-${name}`] = sync((self: number) => {
      resources.get(self, kind);
      return resources.add(new ReadyPollable());
    });
  }
  return functions;
}

/** Calls the store; the outcome is kept as it was recorded and shown whenever the future is asked. */
function start<Request, T, G>(
  context: HostContext,
  Future: new (result: () => Result<unknown, number>) => CacheFuture,
  call: StoreCall<Request, T, G>,
): MaybePromise<number> {
  return mapMaybe(refusable(context, call), (outcome) =>
    context.resources.add(new Future(() => toGuest(context, outcome, call.map))),
  );
}

function reads(context: HostContext, fills: Fills): HostFunctions {
  const { keyValues, resources } = context;
  const read = (key: string) => (): Promise<Uint8Array | undefined> =>
    fills.then(async () => (await keyValues.get(space, [key]))[0]);
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
        perform: () => fills.then(() => keyValues.exists(space, key)),
        map: (found) => found,
      }),
    ),
    "get-or-set": suspending((key: string) =>
      start(context, FutureGetOrSetResult, {
        function: getOrSet,
        request: { key },
        problem: nameProblem("key", key),
        perform: read(key),
        map: (value) =>
          value === undefined
            ? { tag: "vacant", val: resources.add(new Vacancy(key)) }
            : { tag: "occupied", val: incomingValue(context, value) },
      }),
    ),
  };
}

function writes(context: HostContext, fills: Fills): HostFunctions {
  const { keyValues, resources } = context;
  return {
    set: suspending((key: string, outgoing: number, ttlMs: number | undefined) => {
      const value = resources.get(outgoing, OutgoingValue).bytes();
      const change = { kind: "set", space, entries: [[key, value]] } as const;
      return start(context, FutureResult, {
        function: set,
        request: { key, value: BigInt(value.length), ttlMs },
        problem: nameProblem("key", key),
        perform: () => fills.then(async () => void (await keyValues.write({ ...change, ...expiry(context, ttlMs) }))),
        map: nothing,
      });
    }),
    delete: suspending((key: string) =>
      start(context, FutureResult, {
        function: remove,
        request: { key },
        problem: nameProblem("key", key),
        perform: () => fills.then(async () => void (await keyValues.write({ kind: "delete", space, keys: [key] }))),
        map: nothing,
      }),
    ),
    "[method]vacancy.vacancy-fill": sync((self: number, ttlMs: number | undefined) => {
      const { key } = resources.get(self, Vacancy);
      return resources.add(new FillingValue(keyValues.valueBytesMax, (value) => fills.add(key, value, ttlMs)));
    }),
  };
}

export const cache: HostInterface = {
  name: "wasi:keyvalue/cache@0.1.0",
  durable: [get, exists, set, getOrSet, remove],
  bind: (context) => {
    const fills = new Fills(context);
    const drop = resource((representation) => context.resources.remove(representation));
    return {
      functions: { ...futureFunctions(context), ...reads(context, fills), ...writes(context, fills) },
      resources: { ...Object.fromEntries(Object.keys(futures).map((name) => [name, drop])), vacancy: drop },
    };
  },
};
