import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExportedResources } from "./exported-resources.ts";

describe("ExportedResources", () => {
  it("counts ids up and never gives one again", () => {
    const resources = new ExportedResources();
    assert.deepEqual(
      [0, 1].map((representation) => resources.add({ resource: 0, representation })),
      [0, 1],
    );
    resources.remove(1);
    assert.equal(resources.get(1), undefined);
    assert.equal(resources.add({ resource: 0, representation: 9 }), 2);
    assert.deepEqual(resources.get(2), { resource: 0, representation: 9 });
  });

  it("finds what was made by the same arguments, until it is removed", () => {
    const resources = new ExportedResources();
    const id = resources.add({ resource: 0, representation: 1 });
    resources.index("cart", '"a"', id);
    assert.equal(resources.indexed("cart", '"a"'), id);
    assert.equal(resources.indexed("cart", '"b"'), undefined);
    assert.equal(resources.indexed("order", '"a"'), undefined);
    resources.remove(id);
    assert.equal(resources.indexed("cart", '"a"'), undefined);
  });
});
