/** Interfaces that read the worker's surroundings: clocks, randomness, environment. What they gave is given again. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExitSignal } from "../durability/errors.ts";
import { hostWorker, TestHost } from "./context-for-tests.ts";
import { durableFunctions, recordedFunctions, registry } from "./registry.ts";
import { randomBytesMax } from "./wasi-random/random.ts";

const wall = "wasi:clocks/wall-clock@0.2.0";
const monotonic = "wasi:clocks/monotonic-clock@0.2.0";
const random = "wasi:random/random@0.2.0";
const environment = "wasi:cli/environment@0.2.0";

const localReads: readonly (readonly [interfaceName: string, name: string, ...parameters: unknown[]])[] = [
  [wall, "now"],
  [wall, "resolution"],
  [monotonic, "now"],
  [monotonic, "resolution"],
  [random, "get-random-bytes", 5n],
  [random, "get-random-bytes", 0n],
  [random, "get-random-u64"],
  ["wasi:random/insecure@0.2.0", "get-insecure-random-bytes", 3n],
  ["wasi:random/insecure@0.2.0", "get-insecure-random-u64"],
  ["wasi:random/insecure-seed@0.2.0", "insecure-seed"],
  ["wasi:clocks/timezone@0.2.0", "display", { seconds: 1n, nanoseconds: 0 }],
  ["wasi:clocks/timezone@0.2.0", "utc-offset", { seconds: 1n, nanoseconds: 0 }],
  [environment, "get-environment"],
  [environment, "get-arguments"],
  [environment, "initial-cwd"],
  ["golem:api/host@1.1.0", "generate-idempotency-key"],
  ["golem:api/host@0.2.0", "get-self-metadata"],
];

describe("local reads", () => {
  for (const [interfaceName, name, ...parameters] of localReads) {
    it(`${interfaceName} ${name} is recorded once and replayed`, async () => {
      const host = new TestHost();
      const guest = host.start();
      const live = guest.call(interfaceName, name, ...parameters);
      await guest.context.durable.commit();
      assert.deepEqual(host.oplog.kinds().slice(2), ["imported-function-invoked"]);
      host.oplog.clock.ms += 12_345.678;
      host.entropy.uuid();
      host.facts = { args: ["changed"], env: [["TZ", "Asia/Tokyo"]], componentVersion: 9, retryCount: 5 };
      const again = host.start();
      assert.equal(again.context.durable.live, false);
      assert.deepEqual(again.call(interfaceName, name, ...parameters), live);
      assert.equal(again.context.durable.live, true);
    });
  }
});

describe("wasi:clocks", () => {
  it("gives nanoseconds since the epoch, on both clocks", () => {
    const host = new TestHost();
    host.oplog.clock.ms = 1_700_000_000_123.25;
    const guest = host.start();
    assert.deepEqual(guest.call(wall, "now"), { seconds: 1_700_000_000n, nanoseconds: 123_250_000 });
    assert.equal(guest.call(monotonic, "now"), 1_700_000_000_123_250_000n);
  });
});

describe("wasi:random", () => {
  it("gives as many bytes as asked for, but not without bound", () => {
    const guest = new TestHost().start();
    assert.equal(guest.call<Uint8Array>(random, "get-random-bytes", 100_000n).length, 100_000);
    for (const length of [BigInt(randomBytesMax) + 1n, 2n ** 64n - 1n]) {
      assert.throws(() => guest.call(random, "get-random-bytes", length), { name: "HostTrap" });
    }
  });
});

describe("wasi:cli/environment", () => {
  it("gives the variables of the creation, then the worker's own, which can't be replaced", () => {
    const host = new TestHost();
    host.facts = {
      env: [
        ["A", "1"],
        ["GOLEM_WORKER_NAME", "forged"],
        ["TEST_ENV", "x"],
      ],
    };
    assert.deepEqual(host.start().call(environment, "get-environment"), [
      ["A", "1"],
      ["TEST_ENV", "x"],
      ["GOLEM_WORKER_NAME", hostWorker.workerName],
      ["GOLEM_COMPONENT_ID", hostWorker.componentId],
      ["GOLEM_COMPONENT_VERSION", "3"],
    ]);
  });
});

describe("wasi:cli/exit", () => {
  it("ends the worker with a code", () => {
    const guest = new TestHost().start();
    const codeOf = (name: string, parameter: unknown): number => {
      try {
        guest.call("wasi:cli/exit@0.2.0", name, parameter);
      } catch (error) {
        if (error instanceof ExitSignal) return error.exitCode;
      }
      return -1;
    };
    assert.equal(codeOf("exit", { tag: "ok" }), 0);
    assert.equal(codeOf("exit", { tag: "err" }), 1);
    assert.equal(codeOf("exit-with-code", 42), 42);
  });
});

describe("registry", () => {
  it("finds interfaces by compatible version", () => {
    const guest = new TestHost().start();
    assert.ok(guest.call(wall.replace("0.2.0", "0.2.3"), "now"));
    assert.equal(guest.call("wasi:cli/terminal-stdout@0.2.0", "get-terminal-stdout"), undefined);
    assert.throws(() => guest.call("wasi:clocks/wall-clock@0.3.0", "now"), /there is no/u);
    assert.throws(() => guest.call("wasi:clocks/timezone@0.3.0", "utc-offset"), /there is no/u);
  });

  it("finds every recorded function by its id", () => {
    for (const declaration of registry.flatMap(recordedFunctions)) {
      assert.equal(durableFunctions.get(declaration.id)?.name, declaration.name);
    }
  });
});
