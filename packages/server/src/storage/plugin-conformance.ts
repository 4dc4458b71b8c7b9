/** The part of the stores' suite that is about plugins. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { PluginRecord } from "../worker/stores.ts";
import type { OpenSubject } from "./conformance.ts";

function plugin(name: string, version: string, createdAtMs: number): PluginRecord {
  return { name, version, createdAtMs, definition: `{"at":${createdAtMs}}` };
}

export function describePlugins(open: OpenSubject): void {
  it("PluginStore keeps one plugin of each name and version, in order of registration, until it is removed", async () => {
    await using subject = await open();
    const { plugins } = subject.stores;
    assert.equal(await plugins.add(plugin("b", "1", 5)), true);
    assert.equal(await plugins.add(plugin("b", "1", 6)), false);
    assert.equal(await plugins.add(plugin("b", "0", 7)), true);
    assert.equal(await plugins.add(plugin("a", "1", 7)), true);
    const reopened = (await subject.reopen()).plugins;
    assert.deepEqual(await reopened.all(), [plugin("b", "1", 5), plugin("a", "1", 7), plugin("b", "0", 7)]);
    assert.deepEqual(await reopened.get("b", "1"), plugin("b", "1", 5));
    assert.equal(await reopened.get("a", "0"), undefined);
    assert.equal(await reopened.remove("b", "1"), true);
    assert.equal(await reopened.remove("b", "1"), false);
    assert.deepEqual(await reopened.all(), [plugin("a", "1", 7), plugin("b", "0", 7)]);
  });
}
