import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HostObject, ResourceTable } from "./resource-table.ts";

class Thing extends HostObject {
  closed = 0;
  override close(): void {
    this.closed += 1;
  }
}

class OtherThing extends HostObject {}

describe("ResourceTable", () => {
  it("gives back what was added, closes what is removed, and gives its number again", () => {
    const table = new ResourceTable();
    const [one, two] = [new Thing(), new Thing()];
    assert.deepEqual([table.add(one), table.add(two)], [0, 1]);
    assert.equal(table.get(1, Thing), two);
    table.remove(0);
    assert.deepEqual([one.closed, two.closed], [1, 0]);
    assert.equal(table.add(new Thing()), 0);
  });

  it("traps for numbers that aren't open and for another class", () => {
    const table = new ResourceTable();
    const representation = table.add(new Thing());
    assert.throws(() => table.get(representation, OtherThing), { name: "HostTrap" });
    assert.throws(() => table.get(7, Thing), { name: "HostTrap" });
    table.remove(representation);
    assert.throws(() => table.get(representation, Thing), { name: "HostTrap" });
    assert.throws(() => table.remove(representation), { name: "HostTrap" });
  });

  it("closes everything at the end", () => {
    const table = new ResourceTable();
    const things = [new Thing(), new Thing()];
    for (const thing of things) table.add(thing);
    table.remove(0);
    table.closeAll();
    assert.deepEqual(
      things.map((thing) => thing.closed),
      [1, 1],
    );
  });
});
