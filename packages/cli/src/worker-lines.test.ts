import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { WorkerEvent } from "@emet/contract/client";
import { LineAssembler, lineText } from "./worker-lines.ts";

function output(kind: "stdout" | "stderr", bytes: Uint8Array, second = 0): WorkerEvent {
  return { kind, timestamp: `2030-01-01T00:00:0${second}Z`, bytes };
}
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("LineAssembler", () => {
  it("joins chunks of each stream, also within a character", () => {
    const lines = new LineAssembler();
    const euro = encode("€\n");
    const found = [
      ...lines.push(output("stdout", encode("one\ntw"), 1)),
      ...lines.push(output("stderr", encode("bad\r\n"), 2)),
      ...lines.push(output("stdout", encode("o "), 3)),
      ...lines.push(output("stdout", euro.subarray(0, 2), 4)),
      ...lines.push(output("stdout", euro.subarray(2), 5)),
      ...lines.push(output("stdout", encode("rest"), 6)),
      ...lines.flush(),
      ...lines.flush(),
    ];
    assert.deepEqual(
      found.map(({ level, message }) => `${level}: ${message}`),
      ["Stdout: one", "Stderr: bad", "Stdout: two €", "Stdout: rest"],
    );
    // A line is as old as its first chunk.
    assert.equal(found[2]?.timestamp, "2030-01-01T00:00:01Z");
  });

  it("ends an unfinished line where something else is said", () => {
    const lines = new LineAssembler();
    lines.push(output("stdout", encode("working")));
    const log = { kind: "log", timestamp: "t", level: "Info", context: "shop", message: "done" } as const;
    assert.deepEqual(
      lines.push(log).map((line) => lineText(line, false)),
      ["working", "[INFO] shop: done"],
    );
  });

  it("doesn't keep a line without an end for ever", () => {
    const lines = new LineAssembler();
    assert.equal(lines.push(output("stdout", new Uint8Array(100_000).fill(97))).length, 1);
  });

  it("shows what would change the terminal", () => {
    assert.equal(
      lineText({ timestamp: "t", level: "Stdout", context: "", message: "a\u001b[31mb" }, true),
      "[t] a\\x1b[31mb",
    );
  });
});
