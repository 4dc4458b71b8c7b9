import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ObjectStore } from "../../durability/object-store.ts";
import { StoreError } from "../../platform/store-error.ts";
import { TestHost } from "../context-for-tests.ts";
import type { TestGuest } from "../context-for-tests.ts";
import type { Result } from "../results.ts";
import { readBytesMax } from "../wasi-io/streams.ts";
import { inlineBytesMax } from "./outgoing.ts";

const store = "wasi:blobstore/blobstore";
const containerName = "wasi:blobstore/container";
const types = "wasi:blobstore/types";
const streams = "wasi:io/streams@0.2.0";

type GuestResult<T> = Result<T, string>;

class Guest {
  readonly guest: TestGuest;

  constructor(guest: TestGuest) {
    this.guest = guest;
  }

  async call<T>(interfaceName: string, name: string, ...parameters: readonly unknown[]): Promise<GuestResult<T>> {
    return await this.guest.call<Promise<GuestResult<T>>>(interfaceName, name, ...parameters);
  }

  async ok<T>(interfaceName: string, name: string, ...parameters: readonly unknown[]): Promise<T> {
    const result = await this.call<T>(interfaceName, name, ...parameters);
    if (result.tag === "err") throw new Error(`unexpected error: ${result.val}`);
    return result.val;
  }

  async error(interfaceName: string, name: string, ...parameters: readonly unknown[]): Promise<string> {
    const result = await this.call<unknown>(interfaceName, name, ...parameters);
    assert.ok(result.tag === "err");
    return result.val;
  }

  create(name: string): Promise<number> {
    return this.ok(store, "create-container", name);
  }

  method<T>(name: string, self: number, ...parameters: readonly unknown[]): Promise<T> {
    return this.ok(containerName, `[method]${name}`, self, ...parameters);
  }

  async value(...parts: readonly (string | Uint8Array)[]): Promise<number> {
    const value = this.guest.call<number>(types, "[static]outgoing-value.new-outgoing-value");
    const body = await this.ok<number>(types, "[method]outgoing-value.outgoing-value-write-body", value);
    for (const part of parts) {
      const bytes = typeof part === "string" ? Buffer.from(part) : part;
      await this.guest.call(streams, "[method]output-stream.blocking-write-and-flush", body, new Uint8Array(0));
      const written = this.guest.call<Result<unknown, unknown>>(streams, "[method]output-stream.write", body, bytes);
      assert.equal(written.tag, "ok");
    }
    return value;
  }

  async write(container: number, name: string, ...parts: readonly (string | Uint8Array)[]): Promise<void> {
    await this.method("container.write-data", container, name, await this.value(...parts));
  }

  async incoming(container: number, name: string, from = 0n, to = 2n ** 64n - 1n): Promise<number> {
    return await this.method("container.get-data", container, name, from, to);
  }

  async read(container: number, name: string, from?: bigint, to?: bigint): Promise<Uint8Array> {
    const incoming = await this.incoming(container, name, from, to);
    return await this.ok(types, "[method]incoming-value.incoming-value-consume-sync", incoming);
  }

  async text(container: number, name: string, from?: bigint, to?: bigint): Promise<string> {
    return Buffer.from(await this.read(container, name, from, to)).toString();
  }

  async stream(incoming: number): Promise<number> {
    return await this.ok(types, "[method]incoming-value.incoming-value-consume-async", incoming);
  }

  async readStream(stream: number, length: bigint): Promise<Result<Uint8Array, { tag: string; val?: number }>> {
    return await this.guest.call<Promise<Result<Uint8Array, { tag: string; val?: number }>>>(
      streams,
      "[method]input-stream.read",
      stream,
      length,
    );
  }
}

function start(host: TestHost): Guest {
  return new Guest(host.start());
}

/** Bytes of which each place tells where it is. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

const large = pattern(inlineBytesMax * 3 + 5);

describe("wasi:blobstore/blobstore", () => {
  it("creates a container once, finds it, and deletes it", async () => {
    const host = new TestHost();
    const guest = start(host);
    const createdAt = BigInt(Math.floor(host.oplog.clock.ms));
    const made = await guest.create("c");
    host.oplog.clock.ms += 1000;
    const again = await guest.create("c");
    const found = await guest.ok<number>(store, "get-container", "c");
    for (const handle of [made, again, found]) {
      assert.deepEqual(await guest.method("container.info", handle), { name: "c", createdAt });
      assert.equal(await guest.method("container.name", handle), "c");
    }
    assert.equal(await guest.ok(store, "container-exists", "c"), true);
    await guest.ok(store, "delete-container", "c");
    await guest.ok(store, "delete-container", "c");
    assert.equal(await guest.ok(store, "container-exists", "c"), false);
    assert.equal(await guest.error(store, "get-container", "c"), "Container not found");
    for (const [name, ...parameters] of [
      ["has-object", "o"],
      ["object-info", "o"],
      ["get-data", "o", 0n, 1n],
      ["write-data", "o", await guest.value("x")],
      ["delete-object", "o"],
      ["delete-objects", ["o"]],
      ["list-objects"],
      ["clear"],
    ] as const) {
      assert.equal(
        await guest.error(containerName, `[method]container.${name}`, made, ...parameters),
        "Container not found",
      );
    }
  });

  it("takes any names but very long ones", async () => {
    const guest = start(new TestHost());
    const names = ["", "..", "../../etc/passwd", "/", "a/b", "\0", "\u{1f600}", "x".repeat(4096), "a\nb", "%2e%2e"];
    for (const name of names) {
      const container = await guest.create(name);
      for (const object of names) await guest.write(container, object, `${name}|${object}`);
    }
    for (const name of names) {
      const container = await guest.ok<number>(store, "get-container", name);
      for (const object of names) assert.equal(await guest.text(container, object), `${name}|${object}`);
    }
    const tooLong = "é".repeat(2049);
    const container = await guest.create("c");
    assert.match(await guest.error(store, "create-container", tooLong), /container's name is longer than 4096 bytes/u);
    for (const name of ["has-object", "object-info", "delete-object"]) {
      const text = await guest.error(containerName, `[method]container.${name}`, container, tooLong);
      assert.match(text, /object's name is longer than 4096 bytes/u);
    }
  });

  it("copies and moves objects, also onto themselves", async () => {
    const guest = start(new TestHost());
    const [one, two] = [await guest.create("one"), await guest.create("two")];
    await guest.write(one, "a", large);
    await guest.write(one, "b", "short");
    const id = (container: string, object: string): unknown => ({ container, object });
    await guest.ok(store, "copy-object", id("one", "a"), id("two", "c"));
    await guest.ok(store, "move-object", id("one", "a"), id("one", "d"));
    await guest.ok(store, "move-object", id("one", "b"), id("two", "b"));
    await guest.ok(store, "move-object", id("two", "b"), id("two", "b"));
    await guest.ok(store, "copy-object", id("two", "b"), id("two", "b"));
    assert.equal(await guest.method("container.has-object", one, "a"), false);
    assert.equal(await guest.method("container.has-object", one, "b"), false);
    assert.deepEqual(await guest.read(two, "c"), large);
    assert.deepEqual(await guest.read(one, "d"), large);
    assert.equal(await guest.text(two, "b"), "short");
    for (const name of ["copy-object", "move-object"]) {
      assert.equal(await guest.error(store, name, id("one", "a"), id("two", "x")), "Object not found");
      assert.equal(await guest.error(store, name, id("two", "b"), id("none", "x")), "Container not found");
    }
  });
});

describe("wasi:blobstore/container", () => {
  it("replaces, tells of, and deletes just one object", async () => {
    const host = new TestHost();
    const guest = start(host);
    const container = await guest.create("c");
    for (const name of ["a", "a/b", "ab"]) await guest.write(container, name, name);
    host.oplog.clock.ms += 5;
    const createdAt = BigInt(Math.floor(host.oplog.clock.ms));
    await guest.write(container, "a", "one ", "two");
    assert.deepEqual(await guest.method("container.object-info", container, "a"), {
      name: "a",
      container: "c",
      createdAt,
      size: 7n,
    });
    await guest.method("container.delete-object", container, "a");
    await guest.method("container.delete-object", container, "a");
    assert.equal(await guest.method("container.has-object", container, "a"), false);
    assert.equal(await guest.text(container, "a/b"), "a/b");
    assert.equal(await guest.error(containerName, "[method]container.object-info", container, "a"), "Object not found");
    await guest.write(container, "c", "c");
    await guest.method("container.delete-objects", container, ["a/b", "none", "c"]);
    assert.equal(await guest.method("container.has-object", container, "ab"), true);
    await guest.method("container.clear", container);
    assert.equal(await guest.method("container.has-object", container, "ab"), false);
    assert.equal(await guest.ok(store, "container-exists", "c"), true);
    const many = Array.from({ length: 10_001 }, () => "x");
    assert.match(await guest.error(containerName, "[method]container.delete-objects", container, many), /at most/u);
  });

  it("gives ranges with both ends, as far as there is an object", async () => {
    const guest = start(new TestHost());
    const container = await guest.create("c");
    await guest.write(container, "short", "0123456789");
    await guest.write(container, "long", large);
    await guest.write(container, "empty");
    const most = 2n ** 64n - 1n;
    for (const [from, to, expected] of [
      [0n, 0n, "0"],
      [2n, 4n, "234"],
      [8n, most, "89"],
      [9n, 10n, "9"],
      [10n, 20n, ""],
      [most, most, ""],
      [5n, 4n, ""],
      [most, 0n, ""],
      [0n, most, "0123456789"],
    ] as const) {
      assert.equal(await guest.text(container, "short", from, to), expected);
    }
    assert.equal(await guest.text(container, "empty"), "");
    const size = BigInt(large.length);
    assert.deepEqual(await guest.read(container, "long", 70_000n, 70_009n), large.slice(70_000, 70_010));
    assert.deepEqual(await guest.read(container, "long", size - 3n, most), large.slice(-3));
    assert.equal((await guest.read(container, "long", size, most)).length, 0);
    const incoming = await guest.incoming(container, "long", 1n, 10n);
    assert.equal(guest.guest.call(types, "[method]incoming-value.size", incoming), 10n);
    assert.equal(
      await guest.error(containerName, "[method]container.get-data", container, "no", 0n, 1n),
      "Object not found",
    );
  });

  it("lists objects in order, with an end when nothing is left", async () => {
    const guest = start(new TestHost());
    const container = await guest.create("c");
    const listed = async (): Promise<number> => guest.method("container.list-objects", container);
    const read = (list: number, count: bigint): Promise<unknown> =>
      guest.method("stream-object-names.read-stream-object-names", list, count);
    const skip = (list: number, count: bigint): Promise<unknown> =>
      guest.method("stream-object-names.skip-stream-object-names", list, count);
    assert.deepEqual(await read(await listed(), 5n), [[], true]);
    for (const name of ["c", "a", "b"]) await guest.write(container, name, name);
    const list = await listed();
    assert.deepEqual(await read(list, 0n), [[], false]);
    assert.deepEqual(await read(list, 1n), [["a"], false]);
    assert.deepEqual(await skip(list, 1n), [1n, false]);
    assert.deepEqual(await read(list, 1n), [["c"], true]);
    assert.deepEqual(await read(list, 1n), [[], true]);
    assert.deepEqual(await skip(list, 2n ** 64n - 1n), [0n, true]);
    assert.deepEqual(await read(await listed(), 2n ** 64n - 1n), [["a", "b", "c"], true]);
    const names = Array.from({ length: 2500 }, (_, index) => String(index).padStart(4, "0"));
    await guest.method("container.clear", container);
    for (const name of names) await guest.write(container, name, "");
    const long = await listed();
    assert.deepEqual(await skip(long, 998n), [998n, false]);
    assert.deepEqual(await read(long, 4n), [names.slice(998, 1002), false]);
    assert.deepEqual(await read(long, 10_000n), [names.slice(1002), true]);
  });

  it("completes a value when it is written, as often as wanted", async () => {
    const guest = start(new TestHost());
    const container = await guest.create("c");
    const value = await guest.value("text");
    await guest.method("container.write-data", container, "a", value);
    await guest.method("container.write-data", container, "b", value);
    const body = await guest.ok<number>(types, "[method]outgoing-value.outgoing-value-write-body", value);
    assert.deepEqual(guest.guest.call(streams, "[method]output-stream.write", body, Buffer.from("more")), {
      tag: "err",
      val: { tag: "closed" },
    });
    const long = await guest.value(large);
    await guest.method("container.write-data", container, "c", long);
    await guest.method("container.delete-object", container, "c");
    await guest.method("container.write-data", container, "d", long);
    assert.equal(await guest.text(container, "b"), "text");
    assert.deepEqual(await guest.read(container, "d"), large);
  });

  it("refuses objects that are too long, with an error of the stream", async () => {
    const host = new TestHost();
    host.objectBytesMax = 100;
    const guest = start(host);
    const value = guest.guest.call<number>(types, "[static]outgoing-value.new-outgoing-value");
    const body = await guest.ok<number>(types, "[method]outgoing-value.outgoing-value-write-body", value);
    const write = (length: number): Result<unknown, { tag: string }> =>
      guest.guest.call(streams, "[method]output-stream.write", body, new Uint8Array(length));
    assert.equal(write(100).tag, "ok");
    const refused = write(1);
    assert.ok(refused.tag === "err" && refused.val.tag === "last-operation-failed");
  });

  it("lets a guest write and read only so many long objects at a time", async () => {
    const guest = start(new TestHost());
    const container = await guest.create("c");
    await guest.write(container, "o", large);
    const values: number[] = [];
    const writeMany = async (): Promise<void> => {
      for (;;) values.push(await guest.value(large));
    };
    await assert.rejects(writeMany(), { name: "HostTrap", message: /100 long objects are being written already/u });
    assert.equal(values.length, 99);
    for (const value of values) guest.guest.drop(types, "outgoing-value", value);
    await guest.write(container, "p", large);
    const opened: number[] = [];
    for (;;) {
      const stream = await guest.stream(await guest.incoming(container, "o"));
      const part = await guest.readStream(stream, 1n);
      if (part.tag === "err") break;
      opened.push(stream);
    }
    assert.equal(opened.length, 100);
    for (const stream of opened) guest.guest.drop(streams, "input-stream", stream);
    assert.deepEqual(await guest.read(container, "p"), large);
  });

  it("ends the call when the disk refuses, and gives the store's errors as errors", async () => {
    const host = new TestHost();
    const { objects } = host.stores;
    const refusing = (change: Partial<ObjectStore>): void => {
      host.stores = { ...host.stores, objects: { ...objects, ...change } };
    };
    const full = new StoreError("full", "cannot write an object: no space left");
    refusing({
      files: {
        ...objects.files,
        create: () => ({ ...objects.files.create(), append: () => { throw full; } }), // oxfmt-ignore
      },
    });
    const guest = start(host);
    await assert.rejects(guest.value(large), { name: "HostTrap", message: /no space left/u });
    host.stores = { ...host.stores, objects };
    refusing({ write: () => Promise.reject(full), container: () => Promise.resolve(1) });
    const other = start(host);
    assert.equal(await other.error(store, "create-container", "c"), "cannot write an object: no space left");
  });
});

describe("wasi:blobstore at replay", () => {
  it("serves what was read, although the object has changed, and goes on from there", async () => {
    const host = new TestHost();
    host.objectBytesMax = 64 * 1024 * 1024;
    const whole = pattern(readBytesMax * 2 + 10);
    const run = async (guest: Guest): Promise<[number, readonly Uint8Array[]]> => {
      const container = await guest.create("c");
      await guest.write(
        container,
        "o",
        whole.subarray(0, readBytesMax),
        whole.subarray(readBytesMax, readBytesMax * 2),
        whole.subarray(readBytesMax * 2),
      );
      await guest.write(container, "s", "short");
      const short = await guest.read(container, "s");
      const stream = await guest.stream(await guest.incoming(container, "o", 10n));
      const first = await guest.readStream(stream, 2n ** 64n - 1n);
      assert.ok(first.tag === "ok");
      return [stream, [short, first.val]];
    };
    const first = start(host);
    const [, seen] = await run(first);
    assert.equal(seen[1]?.length, readBytesMax);
    await first.guest.context.durable.commit();
    const origin = { worker: { componentId: "c", workerName: "x" }, shard: 0, epoch: 1, operation: undefined };
    await host.stores.objects.write({ kind: "delete", container: "c", objects: ["s"] }, origin, 1);
    const again = start(host);
    const [stream, replayed] = await run(again);
    assert.deepEqual(replayed, seen);
    const rest: Uint8Array[] = [];
    for (;;) {
      const part = await again.readStream(stream, 2n ** 64n - 1n);
      if (part.tag === "err") {
        assert.equal(part.val.tag, "closed");
        break;
      }
      rest.push(part.val);
    }
    assert.deepEqual(new Uint8Array(Buffer.concat([seen[1] ?? new Uint8Array(0), ...rest])), whole.subarray(10));
  });

  it("tells a reader that its object is gone, and never mixes two contents", async () => {
    const host = new TestHost();
    const { objects } = host.stores;
    let gone = false;
    host.stores = {
      ...host.stores,
      objects: {
        ...objects,
        files: { ...objects.files, open: (file) => (gone ? Promise.resolve(undefined) : objects.files.open(file)) },
      },
    };
    const guest = start(host);
    const container = await guest.create("c");
    await guest.write(container, "o", large);
    const incoming = await guest.incoming(container, "o");
    gone = true;
    const stream = await guest.stream(incoming);
    const failed = await guest.readStream(stream, 10n);
    assert.ok(failed.tag === "err" && failed.val.tag === "last-operation-failed");
    const text = guest.guest.call<string>("wasi:io/error@0.2.0", "[method]error.to-debug-string", failed.val.val);
    assert.match(text, /replaced or deleted/u);
    assert.deepEqual(await guest.readStream(stream, 10n), { tag: "err", val: { tag: "closed" } });
    assert.match(
      await guest.error(types, "[method]incoming-value.incoming-value-consume-sync", incoming),
      /replaced or deleted/u,
    );
  });

  it("repeats no write whose record was lost after another worker's", async () => {
    const host = new TestHost();
    const first = start(host);
    const container = await first.create("c");
    const gate = Promise.withResolvers<void>();
    const value = await first.value("mine");
    await first.guest.context.durable.commit();
    host.oplog.beforeAppend = () => gate.promise;
    const lost = first.call(containerName, "[method]container.write-data", container, "o", value);
    lost.catch(() => undefined);
    const { objects } = host.stores;
    while ((await objects.info({ container: "c", object: "o" })) === undefined) await Promise.resolve();
    gate.reject(new StoreError("failed", "the process was lost"));
    await assert.rejects(lost);
    host.oplog.beforeAppend = () => Promise.resolve();
    const origin = { worker: { componentId: "c", workerName: "x" }, shard: 0, epoch: 1, operation: undefined };
    const content = { kind: "bytes", bytes: Buffer.from("theirs") } as const;
    await objects.write({ kind: "put", place: { container: "c", object: "o" }, size: 6, content }, origin, 1);
    const again = start(host);
    const handle = await again.create("c");
    await again.method("container.write-data", handle, "o", await again.value("mine"));
    assert.equal(await again.text(handle, "o"), "theirs");
  });
});
