import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TestHost } from "../context-for-tests.ts";
import type { TestGuest } from "../context-for-tests.ts";
import { Pollable } from "./pollable.ts";
import { InputStream, OutputStream, readBytesMax, StreamFailure } from "./streams.ts";

const streams = "wasi:io/streams@0.2.0";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const ok = <T>(val: T): unknown => ({ tag: "ok", val });
const closed = { tag: "err", val: { tag: "closed" } };

/** Gives its parts one by one, ready or only after a wait; fails at the end if it is told to. */
class PartsStream extends InputStream {
  readonly #parts: Uint8Array[];
  readonly #waits: boolean;
  readonly #failure: string | undefined;
  waited = 0;

  constructor(parts: readonly string[], options: { readonly waits?: boolean; readonly failure?: string } = {}) {
    super();
    this.#parts = parts.map(bytes);
    this.#waits = options.waits ?? false;
    this.#failure = options.failure;
  }

  override read(length: number): Uint8Array {
    if (this.#waits && this.waited === 0) return new Uint8Array(0);
    const [part] = this.#parts;
    if (part === undefined) throw new StreamFailure(this.#failure ?? "no more parts");
    const given = part.subarray(0, length);
    if (given.length < part.length) this.#parts[0] = part.subarray(given.length);
    else this.#parts.shift();
    return given;
  }

  override pollable(): Pollable {
    const isReady = (): boolean => !this.#waits || this.waited > 0;
    const wait = (): void => void (this.waited += 1);
    return new (class extends Pollable {
      override ready(): boolean {
        return isReady();
      }
      override wait(): Promise<void> {
        wait();
        return Promise.resolve();
      }
    })();
  }
}

class Collector extends OutputStream {
  readonly written: Uint8Array[] = [];
  flushes = 0;
  room = 1000;

  override checkWrite(): number {
    return this.room;
  }

  override write(data: Uint8Array): void {
    this.written.push(data.slice());
  }

  override flush(): void {
    this.flushes += 1;
  }

  get text(): string {
    return this.written.map((part) => new TextDecoder().decode(part)).join("");
  }
}

function guestWith<S extends InputStream | OutputStream>(
  stream: S,
): { readonly guest: TestGuest; readonly handle: number; readonly stream: S } {
  const guest = new TestHost().start();
  return { guest, handle: guest.context.resources.add(stream), stream };
}

describe("wasi:io/streams input-stream", () => {
  it("reads and skips what is there, whatever length is asked for", async () => {
    const { guest, handle } = guestWith(new PartsStream(["abc", "defg"]));
    const call = (name: string, length: bigint): unknown =>
      guest.call(streams, `[method]input-stream.${name}`, handle, length);
    assert.deepEqual(call("read", 0n), ok(bytes("")));
    assert.deepEqual(call("read", 2n), ok(bytes("ab")));
    assert.deepEqual(call("blocking-read", 2n ** 64n - 1n), ok(bytes("c")));
    assert.deepEqual(call("skip", 1n), ok(1n));
    assert.deepEqual(await call("blocking-skip", 2n ** 63n), ok(3n));
  });

  it("waits only in calls that block", async () => {
    const { guest, handle, stream } = guestWith(new PartsStream(["abc"], { waits: true }));
    assert.deepEqual(guest.call(streams, "[method]input-stream.read", handle, 5n), ok(bytes("")));
    assert.equal(stream.waited, 0);
    assert.deepEqual(await guest.call(streams, "[method]input-stream.blocking-read", handle, 5n), ok(bytes("abc")));
    assert.equal(stream.waited, 1);
  });

  it("gives failures as error resources that can be read", () => {
    const { guest, handle } = guestWith(new PartsStream([], { failure: "torn" }));
    const failed = guest.call<{ tag: string; val: { tag: string; val: number } }>(
      streams,
      "[method]input-stream.blocking-read",
      handle,
      1n,
    );
    assert.equal(failed.val.tag, "last-operation-failed");
    assert.equal(guest.call("wasi:io/error@0.2.0", "[method]error.to-debug-string", failed.val.val), "torn");
    assert.equal(guest.call("wasi:filesystem/types@0.2.0", "filesystem-error-code", failed.val.val), undefined);
  });

  it("is at its end from the start for standard input", () => {
    const guest = new TestHost().start();
    const stdin = guest.call<number>("wasi:cli/stdin@0.2.0", "get-stdin");
    assert.deepEqual(guest.call(streams, "[method]input-stream.blocking-read", stdin, 1n), closed);
    assert.deepEqual(guest.call(streams, "[method]input-stream.read", stdin, 1n), closed);
  });
});

describe("wasi:io/streams output-stream", () => {
  it("takes what check-write permits, and traps beyond", () => {
    const { guest, handle, stream } = guestWith(new Collector());
    const call = (name: string, ...parameters: readonly unknown[]): unknown =>
      guest.call(streams, `[method]output-stream.${name}`, handle, ...parameters);
    assert.deepEqual(call("check-write"), ok(1000n));
    assert.deepEqual(call("write", new Uint8Array(1000)), ok(undefined));
    assert.throws(() => call("write", new Uint8Array(1001)), { name: "HostTrap" });
    assert.deepEqual(call("write-zeroes", 2n), ok(undefined));
    assert.throws(() => call("write-zeroes", 1001n), { name: "HostTrap" });
    assert.throws(() => call("write-zeroes", 2n ** 64n - 1n), { name: "HostTrap" });
    assert.equal(stream.written.length, 2);
  });

  it("writes and flushes up to 4096 bytes, in parts where there is less room", async () => {
    const { guest, handle, stream } = guestWith(new Collector());
    const call = (name: string, value: unknown): unknown =>
      guest.call(streams, `[method]output-stream.blocking-${name}-and-flush`, handle, value);
    assert.deepEqual(await call("write", new Uint8Array(4096)), ok(undefined));
    assert.deepEqual(
      stream.written.map((part) => part.length),
      [1000, 1000, 1000, 1000, 96],
    );
    assert.equal(stream.flushes, 1);
    assert.deepEqual(await call("write-zeroes", 5n), ok(undefined));
    assert.throws(() => call("write", new Uint8Array(4097)), { name: "HostTrap" });
    assert.throws(() => call("write-zeroes", 4097n), { name: "HostTrap" });
  });

  it("splices through read and write", async () => {
    const { guest, handle, stream } = guestWith(new Collector());
    const source = guest.context.resources.add(new PartsStream(["abcdef", "gh"]));
    const splice = (name: string, length: bigint): unknown =>
      guest.call(streams, `[method]output-stream.${name}`, handle, source, length);
    assert.deepEqual(splice("splice", 2n), ok(2n));
    stream.room = 3;
    assert.deepEqual(splice("splice", 2n ** 64n - 1n), ok(3n));
    assert.deepEqual(await splice("blocking-splice", 100n), ok(1n));
    assert.equal(stream.text, "abcdef");
  });

  it("traps for handles of another kind", () => {
    const { guest, handle } = guestWith(new Collector());
    assert.throws(() => guest.call(streams, "[method]input-stream.read", handle, 1n), { name: "HostTrap" });
    assert.throws(() => guest.call(streams, "[method]output-stream.flush", 99), { name: "HostTrap" });
  });
});

describe("wasi:cli/stdout and stderr", () => {
  it("make an event and a log entry of each write, and none at replay", async () => {
    const host = new TestHost();
    const run = (guest: TestGuest): void => {
      for (const level of ["stdout", "stderr"]) {
        const stream = guest.call<number>(`wasi:cli/${level}@0.2.0`, `get-${level}`);
        guest.call(streams, "[method]output-stream.write", stream, bytes(`${level} line\nhalf`));
        guest.call(streams, "[method]output-stream.write", stream, new Uint8Array(0));
        guest.call(streams, "[method]output-stream.write-zeroes", stream, 1n);
        guest.call(streams, "[method]output-stream.blocking-write-and-flush", stream, Uint8Array.of(0xff));
      }
      guest.call("wasi:logging/logging", "log", "warn", "here", "logged");
      guest.call("wasi:clocks/wall-clock@0.2.0", "now");
    };
    const guest = host.start();
    run(guest);
    await guest.context.durable.commit();
    assert.deepEqual(host.output, [
      "stdout: stdout line\nhalf",
      "stdout: \0",
      "stdout: \ufffd",
      "stderr: stderr line\nhalf",
      "stderr: \0",
      "stderr: \ufffd",
      "warn: logged",
    ]);
    assert.equal(host.oplog.kinds().filter((kind) => kind === "log").length, 7);
    run(host.start());
    assert.equal(host.output.length, 7);
  });

  it("let writes that may wait do so until the store has caught up", async () => {
    const host = new TestHost();
    const gate = Promise.withResolvers<void>();
    host.oplog.beforeAppend = () => gate.promise;
    const guest = host.start();
    const stdout = guest.call<number>("wasi:cli/stdout@0.2.0", "get-stdout");
    const write = (): unknown =>
      guest.call(streams, "[method]output-stream.blocking-write-and-flush", stdout, new Uint8Array(4096));
    let writes = 0;
    let result = write();
    for (; !(result instanceof Promise); result = write()) assert.ok((writes += 1) < 5000);
    assert.ok(writes > 1000);
    gate.resolve();
    assert.deepEqual(await result, ok(undefined));
  });

  it("end a run that goes on regardless", () => {
    const host = new TestHost();
    host.oplog.beforePayload = () => new Promise(() => undefined);
    const guest = host.start();
    const stdout = guest.call<number>("wasi:cli/stdout@0.2.0", "get-stdout");
    const data = new Uint8Array(readBytesMax);
    const write = (): unknown => guest.call(streams, "[method]output-stream.write", stdout, data);
    assert.throws(
      () => {
        for (let written = 0; written < 300; written += 1) write();
      },
      { name: "HostTrap", message: /faster than the store/u },
    );
  });

  it("take up to 1 MiB at a time", () => {
    const guest = new TestHost().start();
    const stdout = guest.call<number>("wasi:cli/stdout@0.2.0", "get-stdout");
    assert.deepEqual(guest.call(streams, "[method]output-stream.check-write", stdout), ok(BigInt(readBytesMax)));
  });
});
