import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TestHost } from "../context-for-tests.ts";
import type { TestGuest } from "../context-for-tests.ts";
import type { Result } from "../results.ts";
import type { InitialFileContent } from "./initial-files.ts";

const types = "wasi:filesystem/types@0.2.0";
const noChange = { tag: "no-change" };
const reading = { read: true };
const writing = { read: true, write: true };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A guest with `/ro/a` read-only, `/rw/a` and `/ro/w` writable. */
class Guest {
  readonly guest: TestGuest;
  readonly root: number;
  readonly contents: readonly InitialFileContent[];

  constructor(host: TestHost = new TestHost()) {
    this.contents = [
      { path: "/ro/a", readOnly: true, content: bytes("read only") },
      { path: "/rw/a", readOnly: false, content: bytes("writable") },
      { path: "/ro/w", readOnly: false, content: bytes("beside") },
    ];
    host.initialFiles = this.contents;
    this.guest = host.start();
    const [first] = this.guest.call<(readonly [number, string])[]>("wasi:filesystem/preopens@0.2.0", "get-directories");
    this.root = first?.[0] ?? -1;
  }

  /** The value of the result, or its error code. */
  call(name: string, self: number, ...parameters: readonly unknown[]): unknown {
    return this.guest.call<Result<unknown, string>>(types, `[method]descriptor.${name}`, self, ...parameters).val;
  }

  open(path: string, flags: unknown = reading, open: unknown = {}): unknown {
    return this.call("open-at", this.root, { symlinkFollow: true }, path, open, flags);
  }

  read(path: string): string {
    const [content] = this.call("read", Number(this.open(path)), 1_000_000n, 0n) as readonly [Uint8Array, boolean];
    return new TextDecoder().decode(content);
  }

  write(path: string, text: string, at: bigint): unknown {
    return this.call("write", Number(this.open(path, writing)), bytes(text), at);
  }

  rename(from: string, to: string): unknown {
    return this.call("rename-at", this.root, from, this.root, to);
  }
}

describe("initial files", () => {
  it("are there from the beginning, with the times of their version", () => {
    const guest = new Guest();
    assert.deepEqual([guest.read("ro/a"), guest.read("rw/a"), guest.read("ro/w")], ["read only", "writable", "beside"]);
    const stat = guest.call("stat-at", guest.root, {}, "ro/a") as { readonly [name: string]: unknown };
    assert.deepEqual([stat["type"], stat["size"], stat["linkCount"]], ["regular-file", 9n, 1n]);
    assert.deepEqual(stat["dataModificationTimestamp"], { seconds: 1_000_000_000n, nanoseconds: 0 });
  });

  it("refuse to be changed by a descriptor when they are read-only", () => {
    const guest = new Guest();
    assert.equal(guest.open("ro/a", writing), "not-permitted");
    assert.equal(guest.open("ro/a", reading, { truncate: true }), "not-permitted");
    assert.equal(guest.open("ro/a", writing, { create: true, truncate: true }), "not-permitted");
    const file = Number(guest.open("ro/a", reading, { create: true }));
    assert.deepEqual(guest.call("write", file, bytes("x"), 0n), "not-permitted");
    assert.deepEqual(guest.call("set-size", file, 0n), "not-permitted");
    assert.deepEqual(guest.call("write-via-stream", file, 0n), "not-permitted");
    assert.deepEqual(guest.call("append-via-stream", file), "not-permitted");
    assert.deepEqual(guest.call("set-times", file, noChange, { tag: "now" }), "not-permitted");
    assert.equal((guest.call("get-flags", file) as { readonly write: boolean }).write, false);
    assert.equal(guest.read("ro/a"), "read only");
  });

  it("keep their paths when they are read-only", () => {
    const guest = new Guest();
    const { root } = guest;
    assert.equal(guest.rename("ro/a", "b"), "not-permitted");
    assert.equal(guest.rename("rw/a", "ro/a"), "not-permitted");
    assert.equal(guest.rename("ro", "elsewhere"), "not-permitted");
    assert.equal(guest.call("create-directory-at", root, "empty"), undefined);
    assert.equal(guest.rename("empty", "ro"), "not-empty");
    assert.equal(guest.call("unlink-file-at", root, "ro/a"), "not-permitted");
    assert.equal(guest.call("remove-directory-at", root, "ro"), "not-empty");
    assert.equal(guest.call("link-at", root, {}, "ro/a", root, "b"), "not-permitted");
    assert.equal(guest.call("set-times-at", root, {}, "ro/a", noChange, { tag: "now" }), "not-permitted");
    assert.equal(guest.call("symlink-at", root, "ro/a", "link"), undefined);
    assert.equal(guest.open("link", writing), "not-permitted");
    assert.equal(
      guest.call("set-times-at", root, { symlinkFollow: true }, "link", noChange, { tag: "now" }),
      "not-permitted",
    );
    assert.equal(guest.call("unlink-file-at", root, "link"), undefined);
    assert.equal(guest.read("ro/a"), "read only");
  });

  it("can be changed, moved and removed when they are writable", () => {
    const guest = new Guest();
    assert.equal(guest.write("rw/a", "W", 0n), 1n);
    assert.equal(guest.write("ro/w", "B", 0n), 1n);
    assert.equal(guest.rename("ro/w", "moved"), undefined);
    assert.deepEqual([guest.read("rw/a"), guest.read("moved")], ["Writable", "Beside"]);
    assert.equal(guest.rename("rw", "other"), undefined);
    assert.equal(guest.call("unlink-file-at", guest.root, "other/a"), undefined);
    assert.equal(guest.call("remove-directory-at", guest.root, "other"), undefined);
  });

  it("are copied when they are written to, page by page; what others share stays as it is", () => {
    const host = new TestHost();
    host.fileBytesMax = 65_536 + 10_240;
    const guest = new Guest(host);
    const shared = new Uint8Array(new SharedArrayBuffer(200_000)).fill(1);
    const node = guest.guest.context.files.newFile(shared);
    guest.guest.context.files.attach(guest.guest.context.files.root, "large", node);
    assert.equal(guest.write("large", "x", 70_000n), 1n);
    assert.equal(guest.write("large", "y", 140_000n), "insufficient-space");
    const content = node.content.read(0, 200_000);
    assert.deepEqual([content[69_999], content[70_000], content[70_001], content[140_000]], [1, 120, 1, 1]);
    assert.ok(shared.every((byte) => byte === 1));
  });

  it("end where they were cut off, and read as zero behind", () => {
    const guest = new Guest();
    const file = Number(guest.open("rw/a", writing));
    assert.equal(guest.call("set-size", file, 3n), undefined);
    assert.equal(guest.call("set-size", file, 6n), undefined);
    assert.equal(guest.read("rw/a"), "wri\0\0\0");
    assert.equal(guest.write("rw/a", "!", 5n), 1n);
    assert.equal(guest.read("rw/a"), "wri\0\0!");
    assert.deepEqual(guest.contents[1]?.content, bytes("writable"));
  });
});
