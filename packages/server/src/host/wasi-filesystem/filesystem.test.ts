import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { TestHost } from "../context-for-tests.ts";
import type { TestGuest } from "../context-for-tests.ts";
import type { Result } from "../results.ts";

const types = "wasi:filesystem/types@0.2.0";

interface Stat {
  readonly type: string;
  readonly size: bigint;
  readonly linkCount: bigint;
  readonly dataModificationTimestamp: { readonly seconds: bigint; readonly nanoseconds: number };
}

type Flags = { readonly [name: string]: boolean };

/** A guest's C library, more or less: results are values or, as text, error codes. */
class Files {
  readonly guest: TestGuest;
  readonly root: number;

  constructor(host: TestHost = new TestHost()) {
    this.guest = host.start();
    const [first] = this.guest.call<(readonly [number, string])[]>("wasi:filesystem/preopens@0.2.0", "get-directories");
    this.root = first?.[0] ?? -1;
  }

  method<T>(name: string, self: number, ...parameters: readonly unknown[]): T | string {
    const result = this.guest.call<Result<T, string>>(types, `[method]descriptor.${name}`, self, ...parameters);
    return result.val;
  }

  open(path: string, open: Flags = {}, flags: Flags = { read: true }, base: number = this.root): number | string {
    return this.method<number>("open-at", base, { symlinkFollow: true }, path, open, flags);
  }

  create(path: string, text = ""): number {
    const file = this.open(path, { create: true }, { read: true, write: true });
    assert.equal(typeof file, "number", `cannot create ${path}: ${file}`);
    if (text !== "") assert.equal(this.write(Number(file), text), BigInt(text.length));
    return Number(file);
  }

  write(file: number, text: string, offset = 0n): bigint | string {
    return this.method("write", file, new TextEncoder().encode(text), offset);
  }

  read(file: number, offset = 0n): string {
    const read = this.method<readonly [Uint8Array, boolean]>("read", file, 2n ** 64n - 1n, offset);
    return typeof read === "string" ? read : new TextDecoder().decode(read[0]);
  }

  stat(path: string, follow = true): Stat | string {
    return this.method<Stat>("stat-at", this.root, { symlinkFollow: follow }, path);
  }

  typeOf(path: string, follow = true): string {
    const stat = this.stat(path, follow);
    return typeof stat === "string" ? stat : stat.type;
  }

  mkdir(path: string, base: number = this.root): unknown {
    return this.method("create-directory-at", base, path);
  }

  symlink(target: string, path: string): unknown {
    return this.method("symlink-at", this.root, target, path);
  }

  link(from: string, to: string): unknown {
    return this.method("link-at", this.root, { symlinkFollow: false }, from, this.root, to);
  }

  unlink(path: string): unknown {
    return this.method("unlink-file-at", this.root, path);
  }

  rmdir(path: string): unknown {
    return this.method("remove-directory-at", this.root, path);
  }

  rename(from: string, to: string, toBase: number = this.root): unknown {
    return this.method("rename-at", this.root, from, toBase, to);
  }

  list(path = "."): readonly string[] {
    const directory = this.open(path, { directory: true });
    const stream = this.method<number>("read-directory", Number(directory));
    const names: string[] = [];
    for (;;) {
      const entry = this.guest.call<Result<{ name: string } | undefined, string>>(
        types,
        "[method]directory-entry-stream.read-directory-entry",
        stream,
      );
      if (entry.tag === "err" || entry.val === undefined) return names;
      names.push(entry.val.name);
    }
  }
}

describe("wasi:filesystem paths", () => {
  it("never lead out of the directory they start from", () => {
    const files = new Files();
    files.mkdir("d");
    files.create("secret", "s");
    const directory = Number(files.open("d", { directory: true }));
    for (const path of ["/", "/secret", "..", "../secret", "./../secret", "x/../../secret", "../d/../secret"]) {
      assert.match(String(files.open(path, {}, { read: true }, directory)), /not-permitted|no-entry/u, path);
    }
    assert.equal(files.open("..", {}, { read: true }), "not-permitted");
    files.symlink("../secret", "d/up");
    assert.equal(files.open("up", {}, { read: true }, directory), "not-permitted");
    assert.equal(files.read(Number(files.open("d/up"))), "s");
    assert.equal(files.symlink("/etc/passwd", "absolute"), "not-permitted");
  });

  it("never lead out, whatever they are made of", () => {
    const part = fc.constantFrom("..", ".", "", "a", "b", "up", "loop", "file");
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const files = new Files();
        files.mkdir("jail");
        files.mkdir("jail/a");
        files.mkdir("jail/a/b");
        files.symlink("..", "jail/a/up");
        files.symlink("loop", "jail/loop");
        files.create("file", "outside");
        const jail = Number(files.open("jail", { directory: true }));
        const file = files.open(parts.join("/"), { create: true }, { read: true, write: true }, jail);
        if (typeof file === "number") assert.notEqual(files.read(file), "outside");
        assert.deepEqual(files.list(), ["file", "jail"]);
      }),
    );
  });

  it("take an ending slash for a directory", () => {
    const files = new Files();
    files.create("file");
    files.mkdir("d");
    assert.equal(files.typeOf("d/"), "directory");
    assert.equal(files.typeOf("file/"), "not-directory");
    assert.equal(files.open("new/", { create: true }, { write: true }), "no-entry");
    assert.equal(files.mkdir("e///"), undefined);
    assert.equal(files.rmdir("e/"), undefined);
    assert.equal(files.unlink("file/"), "not-directory");
    assert.equal(files.rename("file", "other/"), "not-directory");
    assert.equal(files.rename("d", "f/"), undefined);
    assert.equal(files.rename("f/", "d"), undefined);
    assert.equal(files.rename("d/", "f/"), undefined);
    assert.equal(files.rename("file/", "x"), "not-directory");
    assert.deepEqual(files.list(), ["f", "file"]);
  });

  it("follow links as far as forty", () => {
    const files = new Files();
    files.create("l0", "end");
    for (let link = 1; link <= 41; link += 1) files.symlink(`l${link - 1}`, `l${link}`);
    assert.equal(files.read(Number(files.open("l40"))), "end");
    assert.equal(files.open("l41"), "loop");
    assert.equal(files.typeOf("l1", false), "symbolic-link");
    assert.equal(files.method("readlink-at", files.root, "l1"), "l0");
    assert.equal(files.method("readlink-at", files.root, "l0"), "invalid");
    assert.equal(files.method("open-at", files.root, {}, "l1", {}, { read: true }), "loop");
  });

  it("have a bounded length and no NUL", () => {
    const files = new Files();
    assert.equal(files.mkdir("x".repeat(256)), "name-too-long");
    assert.equal(files.mkdir("é".repeat(127)), undefined);
    assert.equal(files.mkdir("é".repeat(128)), "name-too-long");
    assert.equal(files.open("a/".repeat(2049)), "name-too-long");
    assert.equal(files.symlink("a/".repeat(2049), "l"), "name-too-long");
    assert.equal(files.mkdir("a\0b"), "invalid");
    assert.equal(files.mkdir(""), "no-entry");
  });
});

describe("wasi:filesystem files", () => {
  it("hold what was written, with zeros where nothing was", () => {
    const files = new Files();
    const file = files.create("f", "abc");
    assert.equal(files.write(file, "z", 70_000n), 1n);
    assert.equal(files.read(file, 69_999n), "\0z");
    assert.equal(files.method("set-size", file, 2n), undefined);
    assert.equal(files.method("set-size", file, 4n), undefined);
    assert.equal(files.read(file), "ab\0\0");
    assert.equal(files.read(file, 100n), "");
  });

  it("refuse offsets and sizes beyond all files", () => {
    const files = new Files();
    const file = files.create("f");
    for (const offset of [2n ** 43n, 2n ** 53n, 2n ** 64n - 1n]) {
      assert.match(String(files.write(file, "x", offset)), /file-too-large|invalid/u);
    }
    assert.match(String(files.method("set-size", file, 2n ** 44n)), /file-too-large/u);
    assert.match(String(files.method("read-via-stream", file, 2n ** 64n - 1n)), /invalid/u);
    assert.equal((files.stat("f") as Stat).size, 0n);
  });

  it("stay while they are open, and give their bytes back afterwards", () => {
    const host = new TestHost();
    host.fileBytesMax = 3 * 65_536;
    const files = new Files(host);
    const file = files.create("f", "kept");
    const stream = files.method<number>("read-via-stream", file, 0n);
    assert.equal(files.unlink("f"), undefined);
    assert.equal(files.read(file), "kept");
    assert.equal((files.method<Stat>("stat", file) as Stat).linkCount, 0n);
    files.guest.drop(types, "descriptor", file);
    const read = files.guest.call("wasi:io/streams@0.2.0", "[method]input-stream.read", stream, 10n);
    assert.deepEqual(read, { tag: "ok", val: new TextEncoder().encode("kept") });
    const large = files.create("g");
    const three = "x".repeat(2 * 65_536 + 1);
    assert.equal(files.write(large, three), "insufficient-space");
    files.guest.drop("wasi:io/streams@0.2.0", "input-stream", Number(stream));
    files.unlink("g");
    assert.equal(files.write(large, "x".repeat(2 * 65_536)), 131_072n);
  });

  it("are as before when a write finds no space", () => {
    const host = new TestHost();
    host.fileBytesMax = 3 * 65_536;
    const files = new Files(host);
    const file = files.create("f", "abc");
    assert.equal(files.write(file, "x".repeat(4 * 65_536)), "insufficient-space");
    files.method("set-size", file, 200_000n);
    assert.equal(files.read(file).replaceAll("\0", ""), "abc");
  });

  it("count their names against the quota, too", () => {
    const host = new TestHost();
    host.fileBytesMax = 10_240;
    const files = new Files(host);
    const made = Array.from({ length: 40 }, (_, index) => files.mkdir(`d${index}`)).filter(
      (item) => item === undefined,
    );
    assert.equal(made.length, 20);
    assert.equal(files.mkdir("more"), "insufficient-space");
    assert.equal(files.rmdir("d0"), undefined);
    assert.equal(files.mkdir("more"), undefined);
  });

  it("have several names through hard links", () => {
    const files = new Files();
    const file = files.create("a", "1");
    assert.equal(files.link("a", "b"), undefined);
    assert.equal(files.link("a", "b"), "exist");
    assert.equal((files.stat("b") as Stat).linkCount, 2n);
    assert.equal(files.guest.call(types, "[method]descriptor.is-same-object", file, Number(files.open("b"))), true);
    assert.equal(files.rename("a", "b"), undefined);
    assert.deepEqual(files.list(), ["a", "b"]);
    files.unlink("a");
    assert.equal(files.read(Number(files.open("b"))), "1");
    files.mkdir("d");
    assert.equal(files.link("d", "e"), "not-permitted");
  });

  it("allow what they were opened for", () => {
    const files = new Files();
    files.create("f", "abc");
    const reader = Number(files.open("f"));
    const writer = Number(files.open("f", {}, { write: true }));
    assert.equal(files.write(reader, "x"), "bad-descriptor");
    assert.equal(files.read(writer), "bad-descriptor");
    assert.equal(files.open("f", { create: true, exclusive: true }, { write: true }), "exist");
    assert.equal(files.open("f", { directory: true }), "not-directory");
    assert.equal(files.open(".", {}, { write: true }), "is-directory");
    files.open("f", { truncate: true }, { write: true });
    assert.equal(files.read(reader), "");
  });

  it("append wherever the end is, and end their input streams", () => {
    const files = new Files();
    const file = files.create("f", "ab");
    const streams = "wasi:io/streams@0.2.0";
    const appender = files.method<number>("append-via-stream", file);
    files.write(file, "cd", 2n);
    files.guest.call(streams, "[method]output-stream.write", appender, new TextEncoder().encode("ef"));
    assert.equal(files.read(file), "abcdef");
    const input = files.method<number>("read-via-stream", file, 4n);
    const read = (): unknown => files.guest.call(streams, "[method]input-stream.read", input, 10n);
    assert.deepEqual(read(), { tag: "ok", val: new TextEncoder().encode("ef") });
    assert.deepEqual(read(), { tag: "err", val: { tag: "closed" } });
    const far = files.method<number>("write-via-stream", file, 2n ** 43n);
    const failed = files.guest.call<Result<void, { tag: string; val: number }>>(
      streams,
      "[method]output-stream.write",
      far,
      new Uint8Array(1),
    );
    assert.ok(failed.tag === "err" && failed.val.tag === "last-operation-failed");
    assert.equal(files.guest.call(types, "filesystem-error-code", failed.val.val), "file-too-large");
  });
});

describe("wasi:filesystem directories", () => {
  it("list their entries by name", () => {
    const files = new Files();
    for (const name of ["b", "a", "__proto__", "c"]) files.create(name);
    assert.deepEqual(files.list(), ["__proto__", "a", "b", "c"]);
  });

  it("are removed only when empty", () => {
    const files = new Files();
    files.mkdir("d");
    files.create("d/f");
    assert.equal(files.rmdir("d"), "not-empty");
    assert.equal(files.unlink("d"), "is-directory");
    assert.equal(files.rmdir("d/f"), "not-directory");
    files.unlink("d/f");
    assert.equal(files.rmdir("d"), undefined);
    assert.equal(files.rmdir("."), "invalid");
    assert.equal(files.rmdir("d"), "no-entry");
  });

  it("let nothing be made in one that was removed, nor moved there", () => {
    const files = new Files();
    files.mkdir("d");
    const removed = Number(files.open("d", { directory: true }));
    files.rmdir("d");
    files.create("f", "kept");
    assert.equal(files.mkdir("x", removed), "no-entry");
    assert.equal(files.rename("f", "f", removed), "no-entry");
    assert.equal(files.read(Number(files.open("f"))), "kept");
  });

  it("let entries be changed through any that was opened from the root", () => {
    const files = new Files();
    files.mkdir("d");
    const directory = Number(files.open("d", { directory: true }, { read: true }));
    assert.equal(files.mkdir("x", directory), undefined);
    assert.equal(typeof files.open("f", { create: true }, { write: true }, directory), "number");
  });
});

describe("wasi:filesystem rename-at", () => {
  it("replaces as POSIX says", () => {
    const files = new Files();
    files.create("f", "f");
    files.create("g", "g");
    files.mkdir("empty");
    files.mkdir("full");
    files.create("full/x");
    assert.equal(files.rename("f", "g"), undefined);
    assert.equal(files.read(Number(files.open("g"))), "f");
    assert.equal(files.rename("g", "empty"), "is-directory");
    assert.equal(files.rename("empty", "g"), "not-directory");
    assert.equal(files.rename("empty", "full"), "not-empty");
    assert.equal(files.rename("full", "empty"), undefined);
    assert.deepEqual(files.list(), ["empty", "g"]);
    assert.deepEqual(files.list("empty"), ["x"]);
    assert.equal(files.rename("none", "x"), "no-entry");
  });

  it("leaves what is renamed onto itself, and keeps directories out of themselves", () => {
    const files = new Files();
    files.create("f", "f");
    files.mkdir("d");
    files.mkdir("d/e");
    assert.equal(files.rename("f", "f"), undefined);
    assert.equal(files.read(Number(files.open("f"))), "f");
    assert.equal(files.rename("d", "d"), undefined);
    assert.equal(files.rename("d", "d/e/x"), "invalid");
    assert.equal(files.rename("d", "d/x"), "invalid");
    assert.equal(files.rename("d/e", "d"), "not-empty");
    assert.equal(files.rename(".", "x"), "busy");
    assert.equal(files.rename("d/e", "e"), undefined);
    assert.equal(files.rename("d", "e/d"), undefined);
    assert.deepEqual(files.list("e"), ["d"]);
  });
});

describe("wasi:filesystem stat", () => {
  const modified = (stat: Stat | string): unknown => (typeof stat === "string" ? stat : stat.dataModificationTimestamp);

  it("tells files apart that hold the same, and not the names of one", () => {
    const files = new Files();
    files.create("one", "x");
    files.create("other", "x");
    files.rename("other", "renamed");
    const hash = (name: string): unknown => files.method("metadata-hash-at", files.root, { symlinkFollow: true }, name);
    assert.notDeepEqual(hash("one"), hash("renamed"));
    assert.deepEqual(hash("one"), hash("./one"));
  });

  it("gives the recorded times at replay, and sets them on the file", async () => {
    const host = new TestHost();
    const files = new Files(host);
    files.create("f", "x");
    const live = files.stat("f");
    const hash = (of: Files): unknown => of.method("metadata-hash-at", of.root, { symlinkFollow: true }, "f");
    const liveHash = hash(files);
    await files.guest.context.durable.commit();
    host.oplog.clock.ms += 5000;
    const again = new Files(host);
    again.create("f", "x");
    assert.equal(again.guest.context.durable.live, false);
    assert.deepEqual(again.stat("f"), live);
    assert.deepEqual(hash(again), liveHash);
    assert.equal(again.guest.context.durable.live, true);
    assert.deepEqual(modified(again.stat("f")), modified(live));
  });

  it("keeps nanoseconds, and refuses what are none", () => {
    const files = new Files();
    const file = files.create("f");
    const time = { seconds: 1_700_000_000n, nanoseconds: 123_456_789 };
    const set = (val: object): unknown =>
      files.method("set-times", file, { tag: "no-change" }, { tag: "timestamp", val });
    assert.equal(set(time), undefined);
    assert.deepEqual(modified(files.stat("f")), time);
    assert.equal(set({ seconds: 1n, nanoseconds: 1_000_000_000 }), "invalid");
    assert.equal(files.method("set-times-at", files.root, {}, "f", { tag: "now" }, { tag: "now" }), undefined);
    assert.notDeepEqual(modified(files.stat("f")), time);
  });

  it("records nothing when it fails", async () => {
    const host = new TestHost();
    const files = new Files(host);
    assert.equal(files.typeOf("none"), "no-entry");
    await files.guest.context.durable.commit();
    assert.deepEqual(host.oplog.kinds().slice(2), ["imported-function-invoked"]);
  });
});
