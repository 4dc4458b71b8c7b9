import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AggregatorRegistry } from "prom-client";
import { byKeys, remembered, Tallies } from "./tallies.ts";

describe("Tallies", () => {
  it("are shown as prom-client shows its own, added up over threads", async () => {
    const thread = (executor: string): object[] => {
      const tallies = new Tallies({ executor });
      const calls = byKeys(
        (
          (make) => (component: string) =>
            make({ component })
        )(tallies.counter("calls_total", "Calls")),
      );
      const seconds = tallies.histogram("seconds", "Time", [0.1, 1])();
      calls("a").add();
      calls("a").add(2);
      calls("b").add();
      for (const value of [0.1, 0.5, 3]) seconds.observe(value);
      return [...tallies.families];
    };
    const text = await AggregatorRegistry.aggregate([thread("0"), thread("0"), thread("1")]).metrics();
    assert.deepEqual(text.trim().split("\n"), [
      "# HELP calls_total Calls",
      "# TYPE calls_total counter",
      'calls_total{executor="0",component="a"} 6',
      'calls_total{executor="0",component="b"} 2',
      'calls_total{executor="1",component="a"} 3',
      'calls_total{executor="1",component="b"} 1',
      "",
      "# HELP seconds Time",
      "# TYPE seconds histogram",
      'seconds_bucket{executor="0",le="0.1"} 2',
      'seconds_bucket{executor="0",le="1"} 4',
      'seconds_bucket{executor="0",le="+Inf"} 6',
      'seconds_sum{executor="0"} 7.2',
      'seconds_count{executor="0"} 6',
      'seconds_bucket{executor="1",le="0.1"} 1',
      'seconds_bucket{executor="1",le="1"} 2',
      'seconds_bucket{executor="1",le="+Inf"} 3',
      'seconds_sum{executor="1"} 3.6',
      'seconds_count{executor="1"} 3',
    ]);
  });
});

describe("remembered()", () => {
  it("makes each value once, until there are too many", () => {
    const made: string[] = [];
    const lengthOf = remembered(2, (text: string) => {
      made.push(text);
      return text.length;
    });
    assert.deepEqual(["a", "bb", "a", "ccc", "a"].map(lengthOf), [1, 2, 1, 3, 1]);
    assert.deepEqual(made, ["a", "bb", "ccc", "a"]);
  });
});
