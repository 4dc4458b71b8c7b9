import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StoreError } from "../../platform/store-error.ts";
import { TestHost } from "../context-for-tests.ts";
import type { TestGuest } from "../context-for-tests.ts";
import type { Result } from "../results.ts";
import { batchKeysMax } from "./eventual-batch.ts";

const types = "wasi:keyvalue/types@0.1.0";
const eventual = "wasi:keyvalue/eventual@0.1.0";
const batch = "wasi:keyvalue/eventual-batch@0.1.0";
const atomic = "wasi:keyvalue/atomic@0.1.0";
const cacheName = "wasi:keyvalue/cache@0.1.0";
const streams = "wasi:io/streams@0.2.0";

type GuestResult<T> = Result<T, number>;

function valueOf<T>(result: GuestResult<T>): T {
  if (result.tag === "ok") return result.val;
  throw new Error(`unexpected error ${result.val}`);
}

/** Calls by WIT names, with results taken apart as a guest would. */
class Guest {
  readonly guest: TestGuest;

  constructor(guest: TestGuest) {
    this.guest = guest;
  }

  bucket(name: string): number {
    return valueOf(this.guest.call<GuestResult<number>>(types, "[static]bucket.open-bucket", name));
  }

  value(text: string | Uint8Array): number {
    const value = this.guest.call<number>(types, "[static]outgoing-value.new-outgoing-value");
    const bytes = typeof text === "string" ? Buffer.from(text) : text;
    valueOf(
      this.guest.call<GuestResult<undefined>>(
        types,
        "[method]outgoing-value.outgoing-value-write-body-sync",
        value,
        bytes,
      ),
    );
    return value;
  }

  text(incoming: number | undefined): string | undefined {
    if (incoming === undefined) return undefined;
    const name = "[method]incoming-value.incoming-value-consume-sync";
    return Buffer.from(valueOf(this.guest.call<GuestResult<Uint8Array>>(types, name, incoming))).toString();
  }

  async ok<T>(interfaceName: string, name: string, ...parameters: readonly unknown[]): Promise<T> {
    return valueOf(await this.guest.call<Promise<GuestResult<T>>>(interfaceName, name, ...parameters));
  }

  /** The text of the error that the call gives. */
  async error(interfaceName: string, name: string, ...parameters: readonly unknown[]): Promise<string> {
    const result = await this.guest.call<Promise<GuestResult<unknown>>>(interfaceName, name, ...parameters);
    assert.equal(result.tag, "err");
    return this.guest.call("wasi:keyvalue/wasi-keyvalue-error@0.1.0", "[method]error.trace", result.val);
  }

  async get(bucket: number, key: string): Promise<string | undefined> {
    return this.text(await this.ok<number | undefined>(eventual, "get", bucket, key));
  }

  set(bucket: number, key: string, text: string): Promise<undefined> {
    return this.ok(eventual, "set", bucket, key, this.value(text));
  }
}

function start(host: TestHost): Guest {
  return new Guest(host.start());
}

describe("wasi:keyvalue/types", () => {
  it("appends what is written, and gives it back as a stream with an end", async () => {
    const guest = start(new TestHost());
    const bucket = guest.bucket("b");
    const value = guest.value("one ");
    const body = valueOf(
      guest.guest.call<GuestResult<number>>(types, "[method]outgoing-value.outgoing-value-write-body-async", value),
    );
    guest.guest.call(streams, "[method]output-stream.write", body, Buffer.from("two "));
    guest.guest.call(types, "[method]outgoing-value.outgoing-value-write-body-sync", value, Buffer.from("three"));
    await guest.ok(eventual, "set", bucket, "k", value);
    const incoming = await guest.ok<number>(eventual, "get", bucket, "k");
    const size = (): unknown => guest.guest.call(types, "[method]incoming-value.incoming-value-size", incoming);
    assert.deepEqual(size(), { tag: "ok", val: 13n });
    const consume = "[method]incoming-value.incoming-value-consume-async";
    const stream = valueOf(guest.guest.call<GuestResult<number>>(types, consume, incoming));
    const read = (length: bigint): unknown => guest.guest.call(streams, "[method]input-stream.read", stream, length);
    assert.deepEqual(read(5n), { tag: "ok", val: new Uint8Array(Buffer.from("one t")) });
    assert.deepEqual(size(), { tag: "ok", val: 8n });
    assert.deepEqual(read(2n ** 64n - 1n), { tag: "ok", val: new Uint8Array(Buffer.from("wo three")) });
    assert.deepEqual(read(1n), { tag: "err", val: { tag: "closed" } });
    assert.equal(guest.text(incoming), "");
  });

  it("refuses values and names that are too long with errors", async () => {
    const host = new TestHost();
    host.keyValueBytesMax = 10;
    const guest = start(host);
    const value = guest.value("0123456789");
    const write = "[method]outgoing-value.outgoing-value-write-body-sync";
    assert.match(await guest.error(types, write, value, Buffer.from("x")), /longer than 10 bytes/u);
    const body = valueOf(
      guest.guest.call<GuestResult<number>>(types, "[method]outgoing-value.outgoing-value-write-body-async", value),
    );
    const written = guest.guest.call<Result<unknown, { tag: string }>>(
      streams,
      "[method]output-stream.write",
      body,
      Buffer.from("x"),
    );
    assert.ok(written.tag === "err" && written.val.tag === "last-operation-failed");
    assert.match(await guest.error(types, "[static]bucket.open-bucket", "x".repeat(5000)), /longer than 4096/u);
    const bucket = guest.bucket("\u{1f600}".repeat(1024));
    assert.match(await guest.error(eventual, "get", bucket, "é".repeat(2049)), /longer than 4096/u);
    assert.match(await guest.error(eventual, "set", bucket, "é".repeat(2049), value), /longer than 4096/u);
    await guest.ok(eventual, "set", bucket, "é".repeat(2048), value);
  });

  it("traps for handles of other kinds", () => {
    const guest = start(new TestHost());
    const bucket = guest.bucket("b");
    const value = guest.value("x");
    for (const call of [
      () => guest.guest.call(eventual, "get", value, "k"),
      () => guest.guest.call(eventual, "set", bucket, "k", bucket),
      () => guest.guest.call(atomic, "increment", 77, "k", 1n),
      () => guest.guest.call(batch, "set-many", bucket, [["k", bucket]]),
      () => guest.guest.call(cacheName, "[method]future-result.future-result-get", bucket),
    ]) {
      assert.throws(call, { name: "HostTrap" });
    }
  });
});

describe("wasi:keyvalue/eventual", () => {
  it("sets, gets, finds and deletes; buckets are apart", async () => {
    const guest = start(new TestHost());
    const [one, two] = [guest.bucket("one"), guest.bucket("two")];
    assert.equal(await guest.get(one, "k"), undefined);
    await guest.set(one, "k", "v");
    await guest.set(one, "k", "w");
    assert.equal(await guest.get(one, "k"), "w");
    assert.equal(await guest.get(two, "k"), undefined);
    assert.equal(await guest.get(guest.bucket("one"), "k"), "w");
    assert.equal(await guest.ok(eventual, "exists", one, "k"), true);
    await guest.ok(eventual, "delete", one, "k");
    await guest.ok(eventual, "delete", one, "k");
    assert.equal(await guest.ok(eventual, "exists", one, "k"), false);
  });

  it("answers at replay what was recorded, errors too, and changes nothing again", async () => {
    const host = new TestHost();
    const { keyValues } = host.stores;
    let failing = false;
    host.stores = {
      ...host.stores,
      keyValues: {
        ...keyValues,
        get: (...parameters) =>
          failing ? Promise.reject(new StoreError("failed", "cannot read: torn")) : keyValues.get(...parameters),
      },
    };
    const run = async (guest: Guest): Promise<unknown> => {
      const bucket = guest.bucket("b");
      await guest.set(bucket, "k", "v");
      const before = await guest.get(bucket, "k");
      failing = true;
      const error = await guest.error(eventual, "get", bucket, "k");
      failing = false;
      return [before, error];
    };
    const first = start(host);
    const answers = await run(first);
    assert.deepEqual(answers, ["v", "cannot read: torn"]);
    await first.guest.context.durable.commit();
    const other: Parameters<typeof keyValues.write>[0] = { kind: "delete", space: "bucket:b", keys: ["k"] };
    await keyValues.write(other, { worker: { componentId: "c", workerName: "x" }, shard: 0, epoch: 1, operation: undefined }, 0); // oxfmt-ignore
    const again = start(host);
    assert.deepEqual(await run(again), answers);
    assert.equal(await again.get(again.bucket("b"), "k"), undefined);
  });

  it("makes a write once when its record was lost, and another worker's change stays", async () => {
    const host = new TestHost();
    const first = start(host);
    const bucket = first.bucket("b");
    assert.equal(await first.ok(atomic, "increment", bucket, "n", 5n), 5n);
    const { keyValues } = host.stores;
    // The process is lost after the effect: the store has it, the oplog doesn't.
    const gate = Promise.withResolvers<void>();
    let appends = 0;
    host.oplog.beforeAppend = () => {
      appends += 1;
      return appends > 0 ? gate.promise : Promise.resolve();
    };
    const lost = first.ok(atomic, "increment", bucket, "n", 1n);
    lost.catch(() => undefined);
    while (Buffer.from((await keyValues.get("bucket:b", ["n"], 0))[0] ?? []).readUInt8(0) !== 6)
      await Promise.resolve();
    gate.reject(new StoreError("failed", "the process was lost"));
    await assert.rejects(lost);
    host.oplog.beforeAppend = () => Promise.resolve();
    const origin = { worker: { componentId: "c", workerName: "x" }, shard: 0, epoch: 1, operation: "1" };
    await keyValues.write({ kind: "increment", space: "bucket:b", key: "n", delta: 10n }, origin, 0);
    const again = start(host);
    const replayed = again.bucket("b");
    assert.equal(await again.ok(atomic, "increment", replayed, "n", 5n), 5n);
    assert.equal(again.guest.context.durable.live, true);
    assert.equal(await again.ok(atomic, "increment", replayed, "n", 1n), 6n);
    assert.equal(await again.ok(atomic, "increment", replayed, "n", 1n), 17n);
  });
});

describe("wasi:keyvalue/eventual-batch", () => {
  it("writes and deletes many, gives values in order and keys sorted", async () => {
    const guest = start(new TestHost());
    const bucket = guest.bucket("b");
    const pairs = ["c", "a", "b"].map((key) => [key, guest.value(`value ${key}`)] as const);
    await guest.ok(batch, "set-many", bucket, pairs);
    assert.deepEqual(await guest.ok(batch, "keys", bucket), ["a", "b", "c"]);
    const values = await guest.ok<(number | undefined)[]>(batch, "get-many", bucket, ["b", "x", "a", "b"]);
    assert.deepEqual(
      values.map((value) => guest.text(value)),
      ["value b", undefined, "value a", "value b"],
    );
    await guest.ok(batch, "delete-many", bucket, ["a", "x", "c"]);
    assert.deepEqual(await guest.ok(batch, "keys", bucket), ["b"]);
    await guest.ok(batch, "set-many", bucket, []);
    assert.deepEqual(await guest.ok(batch, "get-many", bucket, []), []);
  });

  it("refuses batches that are too large, and changes nothing", async () => {
    const host = new TestHost();
    const guest = start(host);
    const bucket = guest.bucket("b");
    const keys = Array.from({ length: batchKeysMax + 1 }, (_, index) => String(index));
    assert.match(await guest.error(batch, "get-many", bucket, keys), /at most 10000/u);
    assert.match(await guest.error(batch, "delete-many", bucket, keys), /at most 10000/u);
    const large = guest.value(new Uint8Array(1024 * 1024));
    const pairs = Array.from({ length: 65 }, (_, index) => [String(index), large] as const);
    assert.match(await guest.error(batch, "set-many", bucket, pairs), /at most 67108864 at a time/u);
    assert.match(await guest.error(batch, "set-many", bucket, [["x".repeat(5000), large]]), /longer than 4096/u);
    assert.deepEqual(await guest.ok(batch, "keys", bucket), []);
  });
});

describe("wasi:keyvalue/atomic", () => {
  it("counts from zero and swaps what is equal", async () => {
    const guest = start(new TestHost());
    const bucket = guest.bucket("b");
    assert.equal(await guest.ok(atomic, "compare-and-swap", bucket, "n", 0n, 41n), true);
    assert.equal(await guest.ok(atomic, "increment", bucket, "n", 1n), 42n);
    assert.equal(await guest.ok(atomic, "compare-and-swap", bucket, "n", 41n, 1n), false);
    await guest.set(bucket, "text", "12");
    assert.match(await guest.error(atomic, "increment", bucket, "text", 1n), /not a number/u);
    assert.match(await guest.error(atomic, "compare-and-swap", bucket, "text", 12n, 1n), /not a number/u);
    assert.match(await guest.error(atomic, "increment", bucket, "n", 2n ** 64n - 1n), /64 bits/u);
  });

  it("counts each call of a loop that jumps back", async () => {
    const host = new TestHost();
    const guest = start(host);
    const bucket = guest.bucket("b");
    const index = guest.guest.context.durable.mark("no-op", {});
    assert.equal(await guest.ok(atomic, "increment", bucket, "n", 1n), 1n);
    await guest.guest.context.durable.jumpTo(index);
    const again = start(host);
    again.guest.context.durable.mark("no-op", {});
    assert.equal(await again.ok(atomic, "increment", again.bucket("b"), "n", 1n), 2n);
  });
});

describe("wasi:keyvalue/cache", () => {
  const result = (guest: Guest, kind: string, future: number): unknown => {
    const pollable = guest.guest.call<number>(cacheName, `[method]${kind}.listen-to-${kind}`, future);
    assert.equal(guest.guest.call("wasi:io/poll@0.2.0", "[method]pollable.ready", pollable), true);
    return valueOf(guest.guest.call<GuestResult<unknown>>(cacheName, `[method]${kind}.${kind}-get`, future));
  };
  const get = async (guest: Guest, key: string): Promise<string | undefined> => {
    const future = await guest.guest.call<Promise<number>>(cacheName, "get", key);
    return guest.text(result(guest, "future-get-result", future) as number | undefined);
  };

  it("keeps values until their time is over, apart from buckets", async () => {
    const host = new TestHost();
    const guest = start(host);
    const set = async (key: string, text: string, ttlMs: number | undefined): Promise<unknown> =>
      result(
        guest,
        "future-result",
        await guest.guest.call<Promise<number>>(cacheName, "set", key, guest.value(text), ttlMs),
      );
    const exists = async (key: string): Promise<unknown> =>
      result(guest, "future-exists-result", await guest.guest.call<Promise<number>>(cacheName, "exists", key));
    await set("a", "one", 1000);
    await set("b", "two", undefined);
    assert.equal(await get(guest, "a"), "one");
    assert.equal(await exists("a"), true);
    assert.equal(await guest.get(guest.bucket("cache:"), "a"), undefined);
    host.oplog.clock.ms += 1000;
    assert.equal(await get(guest, "a"), undefined);
    assert.equal(await exists("a"), false);
    assert.equal(await get(guest, "b"), "two");
    result(guest, "future-result", await guest.guest.call<Promise<number>>(cacheName, "delete", "b"));
    assert.equal(await exists("b"), false);
  });

  it("lets a guest fill what was missing, whole or as a stream", async () => {
    const host = new TestHost();
    const guest = start(host);
    const entry = async (key: string): Promise<{ tag: string; val: number }> =>
      result(
        guest,
        "future-get-or-set-result",
        await guest.guest.call<Promise<number>>(cacheName, "get-or-set", key),
      ) as { tag: string; val: number };
    const vacant = await entry("a");
    assert.equal(vacant.tag, "vacant");
    const value = guest.guest.call<number>(cacheName, "[method]vacancy.vacancy-fill", vacant.val, 500);
    const write = "[method]outgoing-value.outgoing-value-write-body-sync";
    guest.guest.call(types, write, value, Buffer.from("filled"));
    const occupied = await entry("a");
    assert.equal(occupied.tag, "occupied");
    assert.equal(guest.text(occupied.val), "filled");
    host.oplog.clock.ms += 500;
    const again = await entry("a");
    const streamed = guest.guest.call<number>(cacheName, "[method]vacancy.vacancy-fill", again.val, undefined);
    const body = valueOf(
      guest.guest.call<GuestResult<number>>(types, "[method]outgoing-value.outgoing-value-write-body-async", streamed),
    );
    guest.guest.call(streams, "[method]output-stream.write", body, Buffer.from("stream"));
    assert.equal(await get(guest, "a"), undefined);
    guest.guest.drop(streams, "output-stream", body);
    assert.equal(await get(guest, "a"), "stream");
  });

  it("answers at replay what was recorded", async () => {
    const host = new TestHost();
    const guest = start(host);
    assert.equal(await get(guest, "a"), undefined);
    result(guest, "future-result", await guest.guest.call<Promise<number>>(cacheName, "set", "a", guest.value("x"), 5));
    assert.equal(await get(guest, "a"), "x");
    await guest.guest.context.durable.commit();
    host.oplog.clock.ms += 5;
    const again = start(host);
    assert.equal(await get(again, "a"), undefined);
    const set = again.guest.call<number>(cacheName, "set", "a", again.value("x"), 5);
    result(again, "future-result", set);
    assert.equal(await get(again, "a"), "x");
    assert.equal(await get(again, "a"), undefined);
  });

  it("gives a new error resource each time that a failed future is asked", async () => {
    const guest = start(new TestHost());
    const future = await guest.guest.call<Promise<number>>(cacheName, "get", "x".repeat(5000));
    const ask = (): GuestResult<unknown> =>
      guest.guest.call(cacheName, "[method]future-get-result.future-get-result-get", future);
    const [first, second] = [ask(), ask()];
    assert.ok(first.tag === "err" && second.tag === "err");
    assert.notEqual(first.val, second.val);
  });
});
