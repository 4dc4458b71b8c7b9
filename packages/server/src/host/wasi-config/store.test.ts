import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TestHost } from "../context-for-tests.ts";

const name = "wasi:config/store@0.2.0-draft";

describe("wasi:config/store", () => {
  it("gives what the worker was created with, without a record", () => {
    const host = new TestHost();
    const config = [
      ["mode", "fast"],
      ["", "empty"],
    ] as const;
    host.facts = { config };
    const guest = host.start();
    const before = host.oplog.kinds().length;
    assert.deepEqual(guest.call(name, "get", "mode"), { tag: "ok", val: "fast" });
    assert.deepEqual(guest.call(name, "get", ""), { tag: "ok", val: "empty" });
    assert.deepEqual(guest.call(name, "get", "__proto__"), { tag: "ok", val: undefined });
    assert.deepEqual(guest.call(name, "get-all"), { tag: "ok", val: config });
    assert.equal(host.oplog.kinds().length, before);
  });
});
