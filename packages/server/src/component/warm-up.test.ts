import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ComponentRecord } from "../worker/stores.ts";
import { readComponents } from "./warm-up.ts";

function recordOf(componentId: string, createdAtMs: number, componentSize: number): ComponentRecord {
  return {
    componentId,
    componentName: componentId,
    version: 3,
    componentSize,
    componentType: "Durable",
    createdAtMs,
    metadata: "{}",
    files: [],
    installedPlugins: [],
  };
}

const megabyte = 1024 * 1024;

async function read(records: readonly ComponentRecord[]): Promise<readonly string[]> {
  const asked: string[] = [];
  await readComponents({
    list: async () => records,
    image: async (componentId, version) => {
      asked.push(`${componentId}/${version}`);
      throw new Error("it is damaged");
    },
  });
  return asked;
}

describe("readComponents()", () => {
  it("reads the newest first, passes over large ones and goes on after failures", async () => {
    const records = [recordOf("old", 1, 100), recordOf("large", 3, 12 * megabyte), recordOf("new", 2, megabyte)];
    assert.deepEqual(await read(records), ["new/3", "old/3"]);
  });

  it("reads a few only", async () => {
    const small = Array.from({ length: 50 }, (_, number) => recordOf(`c${number}`, number, 1000));
    assert.ok((await read(small)).length < small.length);
    const middling = small.map((record) => ({ ...record, componentSize: 1.5 * megabyte }));
    assert.equal((await read(middling)).length, 5);
  });
});
