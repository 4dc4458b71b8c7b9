import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { RestartSignal, SuspendSignal } from "../../durability/errors.ts";
import { hostWorker, TestHost } from "../context-for-tests.ts";
import { deriveIdempotencyKey, uuidV5 } from "./idempotency-key.ts";
import { fromWitUuid, toWitUuid } from "./types.ts";
import type { WitPromiseId, WitUuid } from "./types.ts";

const api = "golem:api/host@1.1.0";

describe("golem:api promises", () => {
  it("have the index of their entry, and suspend who awaits them until they are completed", async () => {
    const host = new TestHost();
    const guest = host.start();
    const id = await guest.call<Promise<WitPromiseId>>(api, "create-promise");
    assert.equal(id.oplogIdx, 3n);
    assert.equal(id.workerId.workerName, hostWorker.workerName);
    await assert.rejects(guest.call<Promise<unknown>>(api, "await-promise", id), (error) => {
      assert.ok(error instanceof SuspendSignal);
      assert.deepEqual(error.wakeUps.promise, { worker: hostWorker, oplogIndex: 3 });
      return true;
    });
    await guest.context.durable.commit();
    assert.equal(await host.promises.complete({ worker: hostWorker, oplogIndex: 3 }, Uint8Array.of(1)), true);

    const again = host.start();
    assert.deepEqual(await again.call(api, "create-promise"), id);
    assert.deepEqual(await again.call(api, "await-promise", id), Uint8Array.of(1));
    // What was awaited is in the oplog: the promise itself may go.
    await again.call(api, "delete-promise", id);
    await again.context.durable.commit();
    const third = host.start();
    await third.call(api, "create-promise");
    assert.deepEqual(await third.call(api, "await-promise", id), Uint8Array.of(1));
  });

  it("are created again at replay, since a crash may have come first", async () => {
    const host = new TestHost();
    const guest = host.start();
    const id = await guest.call<Promise<WitPromiseId>>(api, "create-promise");
    await guest.context.durable.commit();
    await host.promises.delete({ worker: hostWorker, oplogIndex: 3 });
    await host.start().call(api, "create-promise");
    assert.deepEqual(await host.promises.get({ worker: hostWorker, oplogIndex: Number(id.oplogIdx) }), {
      kind: "pending",
    });
  });

  it("aren't created again where a later record shows that they were: they may be deleted since", async () => {
    const host = new TestHost();
    const guest = host.start();
    await guest.call<Promise<WitPromiseId>>(api, "create-promise");
    guest.call(api, "get-oplog-index");
    await guest.context.durable.commit();
    await host.promises.delete({ worker: hostWorker, oplogIndex: 3 });
    await host.start().call(api, "create-promise");
    assert.equal(await host.promises.get({ worker: hostWorker, oplogIndex: 3 }), undefined);
  });

  it("are completed once, polled, and unknown when deleted", async () => {
    const guest = new TestHost().start();
    const id = await guest.call<Promise<WitPromiseId>>(api, "create-promise");
    assert.equal(await guest.call(api, "poll-promise", id), undefined);
    assert.equal(await guest.call(api, "complete-promise", id, Uint8Array.of(2)), true);
    assert.equal(await guest.call(api, "complete-promise", id, Uint8Array.of(3)), false);
    assert.deepEqual(await guest.call(api, "poll-promise", id), Uint8Array.of(2));
    await guest.call(api, "delete-promise", id);
    await guest.call(api, "delete-promise", id);
    for (const name of ["await-promise", "poll-promise", "complete-promise"]) {
      await assert.rejects(async () => await guest.call(api, name, id, new Uint8Array(0)), /Promise not found/u);
    }
  });

  it("don't exist beyond the numbers that indices have", async () => {
    const guest = new TestHost().start();
    const id = await guest.call<Promise<WitPromiseId>>(api, "create-promise");
    const far = { ...id, oplogIdx: 2n ** 64n - 1n };
    await assert.rejects(async () => await guest.call(api, "await-promise", far), /Promise not found/u);
  });
});

describe("golem:api oplog functions", () => {
  it("give and replay oplog indices", async () => {
    const host = new TestHost();
    const guest = host.start();
    const indices = [guest.call(api, "get-oplog-index"), guest.call(api, "get-oplog-index")];
    assert.deepEqual(indices, [3n, 4n]);
    await guest.call(api, "oplog-commit", 3);
    assert.equal(host.oplog.kinds().length, 4);
    const again = host.start();
    assert.deepEqual([again.call(api, "get-oplog-index"), again.call(api, "get-oplog-index")], indices);
  });

  it("restart the worker at a jump", async () => {
    const host = new TestHost();
    const guest = host.start();
    const index = guest.call<bigint>(api, "get-oplog-index");
    guest.call("wasi:clocks/wall-clock@0.2.0", "now");
    await assert.rejects(guest.call<Promise<void>>(api, "set-oplog-index", index), RestartSignal);
    await assert.rejects(guest.call<Promise<void>>(api, "set-oplog-index", 2n ** 64n - 1n), /jump forward/u);
    const again = host.start();
    assert.equal(again.call(api, "get-oplog-index"), index);
    assert.equal(again.context.durable.live, true);
  });

  it("mark atomic regions", async () => {
    const host = new TestHost();
    const guest = host.start();
    const begin = await guest.call<Promise<bigint>>(api, "mark-begin-operation");
    guest.call(api, "mark-end-operation", begin);
    await guest.call(api, "oplog-commit", 0);
    assert.deepEqual(host.oplog.kinds().slice(2), ["begin-atomic-region", "end-atomic-region"]);
    assert.equal(await host.start().call(api, "mark-begin-operation"), begin);
  });
});

describe("golem:api modes", () => {
  it("are kept, and set again by the code that runs again", async () => {
    const host = new TestHost();
    for (let run = 0; run < 2; run += 1) {
      const guest = host.start();
      assert.deepEqual(guest.call(api, "get-oplog-persistence-level"), { tag: "smart" });
      assert.equal(guest.call(api, "get-idempotence-mode"), true);
      await guest.call(api, "set-oplog-persistence-level", { tag: "persist-nothing" });
      guest.call(api, "set-idempotence-mode", false);
      assert.deepEqual(guest.call(api, "get-oplog-persistence-level"), { tag: "persist-nothing" });
      assert.equal(guest.call(api, "get-idempotence-mode"), false);
    }
    assert.deepEqual(host.oplog.kinds(), ["create", "exported-function-invoked"]);
  });

  it("include the retry policy with all its fields", async () => {
    const host = new TestHost();
    const policy = {
      maxAttempts: 7,
      minDelay: 1_000_000n,
      maxDelay: 2_000_000_000n,
      multiplier: 1.5,
      maxJitterFactor: 0.5,
    };
    const guest = host.start();
    assert.deepEqual(guest.call(api, "get-retry-policy"), {
      maxAttempts: 3,
      minDelay: 100_000_000n,
      maxDelay: 1_000_000_000n,
      multiplier: 3,
      maxJitterFactor: 0.15,
    });
    guest.call(api, "set-retry-policy", policy);
    assert.deepEqual(guest.call(api, "get-retry-policy"), policy);
    await guest.context.durable.commit();
    const again = host.start();
    again.call(api, "set-retry-policy", policy);
    assert.deepEqual(again.call(api, "get-retry-policy"), policy);
  });
});

describe("golem:api get-self-uri", () => {
  it("names the worker and the function", () => {
    const uri = new TestHost().start().call("golem:api/host@0.2.0", "get-self-uri", "run");
    assert.deepEqual(uri, { value: `urn:worker:${hostWorker.componentId}/${hostWorker.workerName}/run` });
  });
});

describe("deriveIdempotencyKey()", () => {
  it("follows the invocation's key and the oplog index", () => {
    const key = "11111111-2222-3333-4444-555555555555";
    assert.equal(deriveIdempotencyKey(key, 2), uuidV5(key, "oplog-index-2"));
    const namespace = uuidV5("9c19b15a-c83d-46f7-9bc3-ead7923733f4", "my key");
    assert.equal(deriveIdempotencyKey("my key", 7), uuidV5(namespace, "oplog-index-7"));
  });

  it("is used with the index before the record itself", () => {
    const guest = new TestHost().start();
    const first = guest.call<WitUuid>(api, "generate-idempotency-key");
    assert.equal(fromWitUuid(first), deriveIdempotencyKey("key", 2));
    assert.equal(fromWitUuid(guest.call<WitUuid>(api, "generate-idempotency-key")), deriveIdempotencyKey("key", 3));
  });
});

describe("uuidV5()", () => {
  it("agrees with RFC 9562's example", () => {
    assert.equal(
      uuidV5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"),
      "2ed6657d-e927-568b-95e1-2665a8aea6a2",
    );
  });
});

describe("toWitUuid()", () => {
  it("is undone by fromWitUuid()", () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        assert.equal(fromWitUuid(toWitUuid(uuid)), uuid);
      }),
    );
  });
});
