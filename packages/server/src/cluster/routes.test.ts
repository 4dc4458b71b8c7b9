import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MainToExecutor } from "../worker/messages.ts";
import { newCall } from "./executor-port.ts";
import type { Call } from "./executor-port.ts";
import { Routes } from "./routes.ts";

/** Notes what reaches it. */
class FakePort {
  readonly got: string[] = [];

  submit(call: Call): number {
    return this.got.push(call.request.kind);
  }

  post(message: MainToExecutor): void {
    this.got.push(message.kind);
  }
}

const abandon: MainToExecutor = { kind: "abandon", call: 1 };

describe("Routes", () => {
  it("lets what is for a shard that moves wait, and go on in order to where it is then", () => {
    const [old, next] = [new FakePort(), new FakePort()];
    const routes = new Routes<FakePort>([old, old]);
    routes.hold([1]);
    assert.deepEqual([routes.of(0), routes.of(1)], [old, undefined]);
    routes.submit(1, newCall({ kind: "ping" }));
    routes.post(1, abandon);
    // What the old owner had already goes before, in the order in which it got it.
    routes.returned(1, 8, newCall({ kind: "load" }));
    routes.returned(1, 3, newCall({ kind: "metrics" }));
    routes.open([1], next);
    assert.deepEqual([old.got, next.got], [[], ["metrics", "load", "ping", "abandon"]]);
    assert.equal(routes.of(1), next);
  });

  it("sends what comes back late to where the shard is", () => {
    const [old, next] = [new FakePort(), new FakePort()];
    const routes = new Routes<FakePort>([old]);
    routes.hold([0]);
    routes.open([0], next);
    routes.returned(0, 1, newCall({ kind: "ping" }));
    assert.deepEqual(next.got, ["ping"]);
  });

  it("refuses what waits when there is no end to wait for, and what comes then", async () => {
    const routes = new Routes<FakePort>([new FakePort()]);
    routes.hold([0]);
    const [waiting, returned, late] = [newCall({ kind: "ping" }), newCall({ kind: "load" }), newCall({ kind: "ping" })];
    routes.submit(0, waiting);
    routes.returned(0, 1, returned);
    routes.close(new Error("stopping"));
    routes.submit(0, late);
    for (const { answer } of [waiting, returned, late]) await assert.rejects(answer, { message: "stopping" });
  });
});
