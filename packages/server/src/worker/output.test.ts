import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TestOplog } from "../durability/oplog-for-tests.ts";
import type { LogLevel } from "../host/interface.ts";
import { EventStream } from "./events.ts";
import { Output } from "./output.ts";

const line = (
  level: LogLevel,
  message: string,
): { level: LogLevel; context: string; message: string; bytes: Uint8Array } => ({
  level,
  context: "",
  message,
  bytes: new TextEncoder().encode(message),
});

describe("Output", () => {
  it("keeps the end of what the invocation wrote to standard error", () => {
    const oplog = new TestOplog();
    const { durable } = oplog.run();
    const output = new Output(new EventStream(), oplog.clock, 10);
    output.write(durable, line("stderr", "before"));
    output.startInvocation("f", "k");
    assert.equal(output.stderrText(), "");
    output.write(durable, line("stderr", "12345"));
    output.write(durable, line("stdout", "other"));
    output.write(durable, line("stderr", "67890ab"));
    assert.equal(output.stderrText(), "34567890ab");
    output.reset();
    assert.equal(output.stderrText(), "");
  });

  it("shows nothing at replay, yet keeps what a failure will quote", async () => {
    const oplog = new TestOplog();
    const events = new EventStream();
    const seen: string[] = [];
    events.subscribe(1, (event) => void seen.push(event.kind === "output" ? event.message : event.kind));
    const output = new Output(events, oplog.clock, 1000);
    for (const expected of [["said"], []]) {
      const { durable, writer } = oplog.run();
      seen.length = 0;
      output.reset();
      output.write(durable, line("stderr", "said"));
      durable.mark("no-op", {});
      await writer.commit();
      assert.deepEqual(seen, expected);
      assert.equal(output.stderrText(), "said");
    }
  });
});
