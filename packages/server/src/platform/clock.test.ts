import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { systemClock } from "./clock.ts";

class Sources {
  wallMs = 1_700_000_000_000;
  steadyMs = 5;
  readonly wall = (): number => Math.floor(this.wallMs);
  readonly steady = (): number => this.steadyMs;

  pass(ms: number): void {
    this.wallMs += ms;
    this.steadyMs += ms;
  }
}

describe("systemClock()", () => {
  it("goes in finer steps than the time of day", () => {
    const sources = new Sources();
    const clock = systemClock(sources);
    const start = clock.now();
    sources.pass(0.25);
    assert.ok(Math.abs(clock.now() - start - 0.25) < 0.01);
  });

  it("follows a step forward at once", () => {
    const sources = new Sources();
    const clock = systemClock(sources);
    sources.wallMs += 3_600_000;
    sources.pass(100);
    assert.ok(Math.abs(clock.now() - sources.wallMs) < 1);
  });

  it("follows a step back without standing still, until it is right", () => {
    const sources = new Sources();
    const clock = systemClock(sources);
    sources.wallMs -= 60_000;
    for (let second = 0; second < 100; second += 1) {
      const before = clock.now();
      for (let step = 0; step < 100; step += 1) {
        sources.pass(10);
        clock.now();
      }
      assert.ok(clock.now() > before + 300);
    }
    for (let step = 0; step < 6000; step += 1) {
      sources.pass(10);
      clock.now();
    }
    assert.ok(Math.abs(clock.now() - sources.wallMs) < 100);
  });

  it("never goes back, whatever the time of day does", () => {
    const step = fc.record({
      pass: fc.double({ min: 0, max: 500, noNaN: true }),
      jump: fc.integer({ min: -1e6, max: 1e6 }),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const sources = new Sources();
        const clock = systemClock(sources);
        let last = clock.now();
        for (const { pass, jump } of steps) {
          sources.pass(pass);
          sources.wallMs += jump;
          const now = clock.now();
          assert.ok(now >= last);
          last = now;
        }
      }),
    );
  });
});
