import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseWave } from "@emet/contract";
import { waveString } from "./oplog-processor.ts";

describe("waveString()", () => {
  it("writes what parseWave() reads back", () => {
    for (const text of ["", "plain", 'quo"ted', "back\\slash", "line\nbreak\u0000", "ünï 🎉"]) {
      assert.equal(parseWave({ kind: "string" }, waveString(text)), text);
    }
  });
});
