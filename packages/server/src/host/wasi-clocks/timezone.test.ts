import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TestHost } from "../context-for-tests.ts";

const name = "wasi:clocks/timezone@0.2.0";
const at = (text: string): unknown => ({ seconds: BigInt(Date.parse(text) / 1000), nanoseconds: 0 });

function display(zone: string | undefined, when: unknown): unknown {
  const host = new TestHost();
  host.facts = { env: zone === undefined ? [] : [["TZ", zone]] };
  return host.start().call(name, "display", when);
}

describe("wasi:clocks/timezone", () => {
  it("is the worker's TZ, or UTC", () => {
    const utc = { utcOffset: 0, name: "UTC", inDaylightSavingTime: false };
    assert.deepEqual(display(undefined, at("2024-07-01T00:00:00Z")), utc);
    assert.deepEqual(display("no/where", at("2024-07-01T00:00:00Z")), utc);
    assert.deepEqual(display("Europe/Berlin", { seconds: 2n ** 64n - 1n, nanoseconds: 0 }), utc);
    assert.deepEqual(display("Europe/Berlin", at("2024-07-01T00:00:00Z")), {
      utcOffset: 7200,
      name: "GMT+2",
      inDaylightSavingTime: true,
    });
    assert.deepEqual(display("America/St_Johns", at("2024-01-01T00:00:00Z")), {
      utcOffset: -12_600,
      name: "GMT-3:30",
      inDaylightSavingTime: false,
    });
    assert.deepEqual(display("America/New_York", at("2024-01-01T00:00:00Z")), {
      utcOffset: -18_000,
      name: "EST",
      inDaylightSavingTime: false,
    });
    const sydney = display("Australia/Sydney", at("2024-01-01T00:00:00Z")) as {
      readonly inDaylightSavingTime: boolean;
    };
    assert.equal(sydney.inDaylightSavingTime, true);
  });

  it("gives the offset alone, in a version that came later, too", () => {
    const host = new TestHost();
    host.facts = { env: [["TZ", "Asia/Kolkata"]] };
    const guest = host.start();
    assert.equal(guest.call("wasi:clocks/timezone@0.2.3", "utc-offset", at("2024-01-01T00:00:00Z")), 19_800);
  });
});
