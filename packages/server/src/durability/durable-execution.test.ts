import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { string, u32, u64, unit } from "./codec/schema.ts";
import type { DurableExecution } from "./durable-execution.ts";
import { durableFunction } from "./durable-function.ts";
import { DivergenceError, HostTrap } from "./errors.ts";
import { createFields, TestOplog } from "./oplog-for-tests.ts";

const local = durableFunction({ name: "test::local", class: "local-read", request: unit, response: u64 });
const other = durableFunction({ ...local, name: "test::other" });
const localWrite = durableFunction({ ...local, name: "test::local-write", class: "local-write" });
const remoteRead = durableFunction({ name: "test::remote-read", class: "remote-read", request: u32, response: string });
const remoteWrite = durableFunction({ ...remoteRead, name: "test::remote-write", class: "remote-write" });

const never = (): never => {
  throw new Error("must not be performed");
};

/** What a guest does, with everything that it does outside. */
type Guest = (durable: DurableExecution, outside: (what: string) => void) => Promise<void>;

/** Runs a guest on an oplog as a worker's invocation: live where the oplog ends. Gives what it did outside. */
async function run(
  oplog: TestOplog,
  guest: Guest,
): Promise<{ readonly did: readonly string[]; readonly error: unknown }> {
  const { durable, writer } = oplog.run();
  const did: string[] = [];
  let error: unknown;
  if (durable.live) writer.append("create", createFields);
  else durable.takeReplayed("create");
  if (durable.takeReplayed("exported-function-invoked") === undefined) {
    durable.beginInvocation({
      functionName: "f",
      idempotencyKey: "k",
      request: new Uint8Array(0),
      trace: undefined,
      callers: undefined,
    });
  }
  try {
    await guest(durable, (what) => void did.push(what));
  } catch (thrown) {
    error = thrown;
    writer.append("error", {
      message: String(thrown),
      retriable: true,
      outOfMemory: false,
      progress: durable.progress,
      usage: undefined,
    });
  }
  await writer.commit();
  return { did, error };
}

const write = (durable: DurableExecution, outside: (what: string) => void, request: number): unknown =>
  durable.callWaiting(remoteWrite, request, () => {
    outside(`write ${request}`);
    return `done ${request}`;
  });

const line = (message: string): { level: string; context: string; message: string } => ({
  level: "info",
  context: "",
  message,
});

describe("DurableExecution.call()", () => {
  it("performs once, and gives the recorded response at replay", async () => {
    const oplog = new TestOplog();
    const seen: bigint[] = [];
    let next = 5n;
    const guest: Guest = async (durable, outside) => {
      seen.push(
        durable.call(local, [], () => {
          outside("local");
          return next++;
        }),
      );
      await Promise.resolve();
    };
    assert.deepEqual((await run(oplog, guest)).did, ["local"]);
    assert.deepEqual((await run(oplog, guest)).did, []);
    assert.deepEqual(seen, [5n, 5n]);
  });

  it("fails on another call, another kind of entry, and another layout, each with index and names", async () => {
    const oplog = new TestOplog();
    await run(oplog, async (durable) => {
      durable.call(local, [], () => 1n);
      durable.mark("no-op", {});
      await Promise.resolve();
    });
    const first = await run(oplog, async (durable) => void (await durable.callWaiting(other, [], never)));
    assert.ok(first.error instanceof DivergenceError);
    assert.deepEqual([first.error.index, first.error.expected, first.error.found], [3, "test::other", "test::local"]);
    const second = await run(oplog, async (durable) => {
      durable.call(local, [], never);
      await durable.callWaiting(local, [], never);
    });
    assert.ok(second.error instanceof DivergenceError);
    assert.deepEqual([second.error.index, second.error.expected, second.error.found], [4, "test::local", "no-op"]);
    const third = await run(oplog, async (durable) => {
      durable.mark("begin-atomic-region", {});
      await Promise.resolve();
    });
    assert.match(String(third.error), /index 3: expected begin-atomic-region, found imported-function-invoked/u);
    const layout = { ...local, responseCodec: remoteRead.requestCodec } as unknown as typeof local;
    const fourth = await run(oplog, async (durable) => {
      durable.call(layout, [], never);
      await Promise.resolve();
    });
    assert.match(String(fourth.error), /another layout/u);
  });

  it("gives a plain value where nothing waits", () => {
    const { durable } = new TestOplog().run();
    assert.equal(
      durable.callWaiting(remoteRead, 1, () => "at hand"),
      "at hand",
    );
    assert.ok(durable.callWaiting(remoteRead, 1, () => Promise.resolve("later")) instanceof Promise);
  });

  it("records nothing when what is performed fails", async () => {
    const oplog = new TestOplog();
    const guest: Guest = async (durable) => {
      await durable.callWaiting(remoteWrite, 1, () => Promise.reject(new HostTrap("no")));
    };
    assert.ok((await run(oplog, guest)).error instanceof HostTrap);
    assert.deepEqual(oplog.kinds(), ["create", "exported-function-invoked", "error"]);
  });
});

describe("DurableExecution.callWaiting()", () => {
  it("makes durable what a write is based on before it takes effect, and its record before it returns", async () => {
    for (const declaration of [remoteWrite, { ...remoteWrite, class: "local-write" as const }]) {
      const oplog = new TestOplog();
      await run(oplog, async (durable) => {
        durable.call(local, [], () => 1n);
        await durable.callWaiting(declaration, 1, () => {
          assert.equal(oplog.kinds().length, 3);
          return "";
        });
        assert.equal(oplog.kinds().length, 4);
      });
    }
  });

  it("repeats a write whose record was lost, in idempotence mode", async () => {
    const oplog = new TestOplog();
    const guest: Guest = async (durable, outside) => {
      await write(durable, outside, 1);
      await write(durable, outside, 2);
    };
    await run(oplog, guest);
    assert.deepEqual(
      oplog.chunks.map((chunk) => chunk.count),
      [2, 1, 1],
    );
    oplog.appends.length = 2;
    assert.deepEqual((await run(oplog, guest)).did, ["write 2"]);
  });

  it("never repeats one with idempotence mode off: it fails, and fails again", async () => {
    const oplog = new TestOplog();
    const guest: Guest = async (durable, outside) => {
      durable.idempotenceMode = false;
      await write(durable, outside, 1);
    };
    assert.deepEqual((await run(oplog, guest)).did, ["write 1"]);
    assert.deepEqual(oplog.kinds().slice(2), ["begin-remote-write", "imported-function-invoked", "end-remote-write"]);
    assert.deepEqual((await run(oplog, guest)).did, []);
    // Everything behind the committed begin marker is lost.
    oplog.appends.length = 1;
    for (const attempt of [1, 2, 3]) {
      const { did, error } = await run(oplog, guest);
      assert.deepEqual(did, []);
      assert.match(String(error), /Non-idempotent remote write operation was not completed, cannot retry/u);
      assert.equal(oplog.fold().retryCount, attempt);
    }
  });
});

describe("DurableExecution.setPersistenceLevel()", () => {
  it("commits first, and then records what the level says", async () => {
    const oplog = new TestOplog();
    await run(oplog, async (durable, outside) => {
      durable.call(local, [], () => 1n);
      await durable.setPersistenceLevel("persist-nothing");
      assert.equal(oplog.kinds().length, 3);
      durable.call(local, [], () => 2n);
      durable.idempotenceMode = false;
      await write(durable, outside, 1);
      await durable.setPersistenceLevel("persist-remote-side-effects");
      durable.call(local, [], () => 3n);
      await durable.callWaiting(localWrite, [], () => 3n);
      durable.idempotenceMode = true;
      await write(durable, outside, 2);
      await durable.callWaiting(remoteRead, 1, () => "");
      durable.mark("no-op", {});
    });
    assert.deepEqual(oplog.kinds().slice(3), ["imported-function-invoked", "imported-function-invoked", "no-op"]);
  });

  it("runs unrecorded calls again at replay", async () => {
    const oplog = new TestOplog();
    const guest: Guest = async (durable, outside) => {
      await write(durable, outside, 1);
      await durable.setPersistenceLevel("persist-nothing");
      await write(durable, outside, 2);
      await durable.setPersistenceLevel("smart");
      await write(durable, outside, 3);
    };
    assert.deepEqual((await run(oplog, guest)).did, ["write 1", "write 2", "write 3"]);
    assert.deepEqual((await run(oplog, guest)).did, ["write 2"]);
  });
});

describe("DurableExecution.beginAtomicRegion()", () => {
  it("runs a region without its end again as a whole, and one with its end not at all", async () => {
    const oplog = new TestOplog();
    let failures = 2;
    const guest: Guest = async (durable, outside) => {
      await write(durable, outside, 1);
      const begin = await durable.beginAtomicRegion();
      await write(durable, outside, 2);
      await write(durable, outside, 3);
      if (failures-- > 0) throw new HostTrap("trap");
      durable.mark("end-atomic-region", { beginIndex: begin });
      await write(durable, outside, 4);
    };
    const runs = [];
    for (let attempt = 0; attempt < 4; attempt += 1) runs.push((await run(oplog, guest)).did);
    assert.deepEqual(runs, [
      ["write 1", "write 2", "write 3"],
      ["write 2", "write 3"],
      ["write 2", "write 3", "write 4"],
      [],
    ]);
  });

  it("counts the attempts of a region that always fails", async () => {
    const oplog = new TestOplog();
    const guest: Guest = async (durable, outside) => {
      await durable.beginAtomicRegion();
      await write(durable, outside, 1);
      throw new HostTrap("trap");
    };
    const counts: number[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await run(oplog, guest);
      counts.push(oplog.fold().retryCount);
    }
    assert.deepEqual(counts, [1, 2, 3, 4]);
    assert.equal(oplog.fold().status, "Failed");
  });

  it("tells overlapping regions apart", async () => {
    const oplog = new TestOplog();
    let fail = true;
    const guest: Guest = async (durable, outside) => {
      const outer = await durable.beginAtomicRegion();
      await write(durable, outside, 1);
      await durable.beginAtomicRegion();
      durable.mark("end-atomic-region", { beginIndex: outer });
      await write(durable, outside, 2);
      if (fail) throw new HostTrap("trap");
    };
    await run(oplog, guest);
    fail = false;
    assert.deepEqual((await run(oplog, guest)).did, ["write 2"]);
  });
});

describe("DurableExecution.openBatch()", () => {
  const piece = durableFunction({
    name: "test::piece",
    class: "batched-remote-write",
    request: unit,
    response: string,
  });

  /** Sends two pieces; where an earlier run was cut off it begins again. */
  const exchange: Guest = async (durable, outside) => {
    const batch = await durable.openBatch();
    const perform = (name: string) => (): string => {
      if (batch.interrupted) batch.assertRepeatable();
      outside(name);
      return name;
    };
    await batch.call(piece, [], perform("first"));
    await batch.call(piece, [], perform("second"));
    batch.end();
    batch.end();
  };

  it("replays what is complete and performs only what is missing", async () => {
    const oplog = new TestOplog();
    assert.deepEqual((await run(oplog, exchange)).did, ["first", "second"]);
    assert.deepEqual((await run(oplog, exchange)).did, []);
    assert.deepEqual(oplog.kinds().slice(-4), [
      "begin-remote-write",
      "imported-function-invoked",
      "imported-function-invoked",
      "end-remote-write",
    ]);
  });

  it("performs nothing again outside of idempotence mode", async () => {
    const oplog = new TestOplog();
    await run(oplog, exchange);
    oplog.appends.length = 2;
    const { error, did } = await run(oplog, (durable, outside) => {
      durable.idempotenceMode = false;
      return exchange(durable, outside);
    });
    assert.match(String(error), /cannot retry/u);
    assert.deepEqual(did, []);
  });

  it("voids what was recorded since its begin when it is repeated", async () => {
    const oplog = new TestOplog();
    await run(oplog, exchange);
    oplog.appends.length = 2;
    const { error } = await run(oplog, async (durable) => {
      const batch = await durable.openBatch();
      await batch.call(piece, [], () => "never");
      await batch.repeat();
    });
    assert.equal((error as Error).name, "RestartSignal");
    assert.deepEqual((await run(oplog, exchange)).did, ["first", "second"]);
  });

  it("commits the marker before anything is sent, and writes none under persist-nothing", async () => {
    const oplog = new TestOplog();
    await run(oplog, async (durable) => {
      await durable.openBatch();
      assert.equal(oplog.kinds().at(-1), "begin-remote-write");
      await durable.setPersistenceLevel("persist-nothing");
      const batch = await durable.openBatch();
      assert.equal(batch.begin, 0);
      assert.equal(await batch.call(piece, [], () => "performed"), "performed");
      batch.end();
    });
    assert.equal(oplog.kinds().filter((kind) => kind === "begin-remote-write").length, 1);
    assert.equal(oplog.kinds().filter((kind) => kind === "imported-function-invoked").length, 0);
  });

  it("ends what is open with the invocation, but not with the instance", async () => {
    const oplog = new TestOplog();
    await run(oplog, async (durable) => {
      await durable.openBatch();
      durable.endOpenBatches();
      const last = await durable.openBatch();
      durable.close();
      last.end();
    });
    assert.deepEqual(oplog.kinds().slice(-3), ["begin-remote-write", "end-remote-write", "begin-remote-write"]);
  });
});

describe("DurableExecution.unrecorded()", () => {
  it("performs everything apart from the history, wherever that stands", async () => {
    const oplog = new TestOplog();
    const guest: Guest = async (durable, outside) => {
      await durable.unrecorded(async () => {
        assert.equal(durable.live, true);
        outside(`unrecorded ${durable.call(local, [], () => 5n)}`);
        assert.throws(() => durable.takeCustom(), HostTrap);
        durable.mark("no-op", {});
      });
      await write(durable, outside, 1);
    };
    assert.deepEqual((await run(oplog, guest)).did, ["unrecorded 5", "write 1"]);
    assert.deepEqual((await run(oplog, guest)).did, ["unrecorded 5"]);
    assert.equal(oplog.kinds().includes("no-op"), false);
  });
});

describe("DurableExecution.jumpTo()", () => {
  it("voids what follows the index, as often as the guest jumps there", async () => {
    const oplog = new TestOplog();
    let jumps = 2;
    const guest: Guest = async (durable, outside) => {
      await write(durable, outside, 1);
      const index = durable.mark("no-op", {});
      await write(durable, outside, 2);
      if (jumps-- > 0) await durable.jumpTo(index);
    };
    const runs = [];
    for (let attempt = 0; attempt < 4; attempt += 1) runs.push((await run(oplog, guest)).did);
    assert.deepEqual(runs, [["write 1", "write 2"], ["write 2"], ["write 2"], []]);
  });

  it("refuses targets ahead, void ones, and the worker's creation", async () => {
    const oplog = new TestOplog();
    const { durable, state } = oplog.run();
    for (let index = 1; index <= 5; index += 1) durable.mark("no-op", {});
    await assert.rejects(durable.jumpTo(6), { name: "HostTrap", message: /jump forward/u });
    await assert.rejects(durable.jumpTo(Number(2n ** 64n - 1n)), { message: /jump forward/u });
    await assert.rejects(durable.jumpTo(1), { message: /before the first invocation/u });
    await durable.jumpTo(2);
    await assert.rejects(durable.jumpTo(3), { message: /deleted region/u });
    state.snapshots.push({ index: 4, since: 6, resources: new Map() });
    await assert.rejects(durable.jumpTo(5), { message: /behind a snapshot/u });
  });
});

describe("DurableExecution.log()", () => {
  it("says a line again neither at replay nor after a restart, but anew where it says more", async () => {
    const oplog = new TestOplog();
    let fail = true;
    const guest: Guest = async (durable, outside) => {
      const say = (message: string): void => {
        if (durable.log(line(message))) outside(message);
      };
      say("a");
      await write(durable, () => undefined, 1);
      say("b");
      say("b");
      if (fail) throw new HostTrap("trap");
      say("b");
      await write(durable, () => undefined, 2);
      say("b");
    };
    assert.deepEqual((await run(oplog, guest)).did, ["a", "b", "b"]);
    fail = false;
    assert.deepEqual((await run(oplog, guest)).did, ["b", "b"]);
    assert.deepEqual((await run(oplog, guest)).did, []);
  });

  it("says lines of a voided section again", async () => {
    const oplog = new TestOplog();
    let jumps = 1;
    const guest: Guest = async (durable, outside) => {
      const say = (message: string): void => {
        if (durable.log(line(message))) outside(message);
      };
      say("before");
      const index = durable.mark("no-op", {});
      say("section");
      await write(durable, () => undefined, 1);
      if (jumps-- > 0) await durable.jumpTo(index);
    };
    assert.deepEqual((await run(oplog, guest)).did, ["before", "section"]);
    assert.deepEqual((await run(oplog, guest)).did, ["section"]);
  });

  it("doesn't hold back a line that equals one logged before the run came further", async () => {
    const oplog = new TestOplog();
    let first = true;
    const guest: Guest = async (durable, outside) => {
      if (first && durable.log(line("x"))) outside("x");
      if (first) throw new HostTrap("trap");
      durable.mark("no-op", {});
      if (durable.log(line("x"))) outside("x later");
      await Promise.resolve();
    };
    await run(oplog, guest);
    first = false;
    assert.deepEqual((await run(oplog, guest)).did, ["x later"]);
  });
});

describe("durableFunction()", () => {
  it("refuses names that records can't tell apart", () => {
    durableFunction({ ...local, name: "costarring" });
    assert.throws(() => durableFunction({ ...local, name: "liquid" }), {
      message: /have the same function id/u,
    });
  });
});
