import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HostTrap, SuspendSignal } from "../../durability/errors.ts";
import { TestHost } from "../context-for-tests.ts";
import type { TestGuest } from "../context-for-tests.ts";
import { Pollable } from "./pollable.ts";

const poll = "wasi:io/poll@0.2.0";
const clock = "wasi:clocks/monotonic-clock@0.2.0";
const ms = 1_000_000n;

const sleeping = (guest: TestGuest, duration: bigint): number => guest.call(clock, "subscribe-duration", duration);
const pollAll = async (guest: TestGuest, ...pollables: readonly number[]): Promise<readonly number[]> =>
  Array.from(await guest.call<Promise<Uint32Array>>(poll, "poll", pollables));
const block = async (guest: TestGuest, pollable: number): Promise<unknown> =>
  await guest.call(poll, "[method]pollable.block", pollable);

/** Ready when the test says so; can't be re-armed. */
class ManualPollable extends Pollable {
  isReady = false;
  waits = 0;
  readonly #changed = Promise.withResolvers<void>();

  override ready(): boolean {
    return this.isReady;
  }

  override async wait(signal: AbortSignal): Promise<void> {
    this.waits += 1;
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve());
    });
    await Promise.race([this.#changed.promise, aborted]);
  }

  release(): void {
    this.isReady = true;
    this.#changed.resolve();
  }
}

describe("wasi:io/poll", () => {
  it("gives the positions that are ready, duplicates included, without waiting", async () => {
    const host = new TestHost();
    const guest = host.start();
    const past = guest.call<number>(clock, "subscribe-instant", 0n);
    const late = sleeping(guest, 5000n * ms);
    assert.deepEqual(await pollAll(guest, late, past, late, past), [1, 3]);
    assert.deepEqual(host.slept, []);
  });

  it("waits in memory for what is soon", async () => {
    const host = new TestHost();
    const guest = host.start();
    const one = sleeping(guest, 30n * ms);
    const two = sleeping(guest, 9999n * ms);
    host.slept.length = 0;
    assert.deepEqual(await pollAll(guest, two, one, one), [0, 1, 2]);
    assert.equal(Math.round(host.slept[0] ?? 0), 9999);
  });

  it("commits before it waits", async () => {
    const host = new TestHost();
    const guest = host.start();
    await block(guest, sleeping(guest, 30n * ms));
    assert.deepEqual(host.oplog.kinds(), ["create", "exported-function-invoked", "imported-function-invoked"]);
  });

  it("suspends for timers that are all ten seconds away or more, until the first", async () => {
    const host = new TestHost();
    const guest = host.start();
    const at = host.oplog.clock.ms + 10_000;
    const one = sleeping(guest, 20_000n * ms);
    const two = sleeping(guest, 10_000n * ms);
    await assert.rejects(pollAll(guest, one, two), (error) => {
      assert.ok(error instanceof SuspendSignal);
      assert.equal(error.wakeUps.atMs, at);
      return true;
    });
    await assert.rejects(block(guest, two), SuspendSignal);
  });

  it("stays in memory for anything that isn't a timer", async () => {
    const guest = new TestHost().start();
    const manual = new ManualPollable();
    const polling = pollAll(guest, sleeping(guest, 20_000n * ms), guest.context.resources.add(manual));
    await new Promise(setImmediate);
    assert.ok(manual.waits > 0);
    manual.release();
    assert.ok((await polling).length > 0);
  });

  it("ends with the instance", async () => {
    const guest = new TestHost().start();
    const manual = new ManualPollable();
    const polling = pollAll(guest, guest.context.resources.add(manual));
    await new Promise(setImmediate);
    guest.ended.abort(new HostTrap("ended"));
    await assert.rejects(polling, { message: "ended" });
  });

  it("traps for an empty list and for what is no pollable", () => {
    const guest = new TestHost().start();
    assert.throws(() => guest.call(poll, "poll", []), { name: "HostTrap", message: "empty poll list" });
    assert.throws(() => guest.call(poll, "poll", [77]), { name: "HostTrap" });
  });

  it("answers at replay what was recorded, and keeps a sleep's deadline", async () => {
    const host = new TestHost();
    const guest = host.start();
    const soon = sleeping(guest, 5n * ms);
    assert.equal(guest.call(poll, "[method]pollable.ready", soon), false);
    await block(guest, soon);
    const late = sleeping(guest, 60_000n * ms);
    const deadline = host.oplog.clock.ms + 60_000;
    await assert.rejects(block(guest, late), SuspendSignal);
    await guest.context.durable.commit();

    host.oplog.clock.ms += 45_000;
    host.slept.length = 0;
    const again = host.start();
    const soonAgain = sleeping(again, 5n * ms);
    assert.equal(again.call(poll, "[method]pollable.ready", soonAgain), false);
    await block(again, soonAgain);
    assert.deepEqual(host.slept, []);
    await assert.rejects(block(again, sleeping(again, 60_000n * ms)), (error) => {
      assert.ok(error instanceof SuspendSignal);
      assert.equal(error.wakeUps.atMs, deadline);
      return true;
    });
  });

  it("never wakes for an instant beyond all clocks", async () => {
    const guest = new TestHost().start();
    const never = guest.call<number>(clock, "subscribe-instant", 2n ** 64n - 1n);
    assert.equal(guest.call(poll, "[method]pollable.ready", never), false);
    await assert.rejects(block(guest, sleeping(guest, 2n ** 64n - 1n)), SuspendSignal);
  });
});
