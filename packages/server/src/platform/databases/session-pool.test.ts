import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import type { DatabaseSession } from "./database.ts";
import { DatabaseError } from "./database.ts";
import { SessionPool } from "./session-pool.ts";

class FakeSession {
  usable = true;
  resets = 0;
  readonly reset = (): Promise<void> => {
    this.resets += 1;
    return Promise.resolve();
  };
  readonly close = (): void => {
    this.usable = false;
  };
}

function fakePool(max = 100): { readonly pool: SessionPool; readonly made: FakeSession[] } {
  const made: FakeSession[] = [];
  const connect = (): Promise<DatabaseSession> => {
    const session = new FakeSession();
    made.push(session);
    return Promise.resolve(session as unknown as DatabaseSession);
  };
  return { pool: new SessionPool(connect, { open: 0, max }), made };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("SessionPool", () => {
  test("gives a session again, reset, and never one that isn't usable", async () => {
    const { pool, made } = fakePool();
    const first = await pool.acquire();
    pool.release(first);
    await turn();
    assert.equal(await pool.acquire(), first);
    assert.equal(made[0]?.resets, 1);
    first.close();
    pool.release(first);
    await turn();
    assert.notEqual(await pool.acquire(), first);
    assert.equal(made.length, 2);
  });

  test("makes who comes when all are in use wait for the first that is given back", async () => {
    const { pool, made } = fakePool();
    const held = await Promise.all(Array.from({ length: 20 }, () => pool.acquire()));
    const waiting = pool.acquire();
    await turn();
    assert.equal(made.length, 20);
    const [first] = held;
    assert.ok(first !== undefined);
    pool.release(first);
    assert.equal(await waiting, first);
  });

  test("does not wait for ever", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const { pool } = fakePool();
    await Promise.all(Array.from({ length: 20 }, () => pool.acquire()));
    const waiting = pool.acquire();
    context.mock.timers.tick(60_000);
    await assert.rejects(waiting, (error) => error instanceof DatabaseError && error.code === "connection-failure");
  });

  test("closes what nobody uses", async () => {
    mock.timers.enable({ apis: ["setInterval"] });
    try {
      const { pool, made } = fakePool();
      const session = await pool.acquire();
      pool.release(session);
      await turn();
      mock.timers.tick(30_000);
      assert.equal(made[0]?.usable, true);
      mock.timers.tick(30_000);
      assert.equal(made[0]?.usable, false);
      assert.equal(pool.unused, true);
    } finally {
      mock.timers.reset();
    }
  });

  test("is bounded together with all others", async () => {
    const { pool } = fakePool(2);
    await Promise.all([pool.acquire(), pool.acquire()]);
    await assert.rejects(pool.acquire(), DatabaseError);
  });
});
