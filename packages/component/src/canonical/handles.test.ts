import assert from "node:assert/strict";
import { test } from "node:test";
import { HandleTable } from "./handles.ts";

const file = 1;
const socket = 2;

test("indices start at 1 and dropped ones are given again, last first", () => {
  const table = new HandleTable();
  assert.deepEqual([table.add(file, 10), table.add(file, 11), table.add(socket, 12)], [1, 2, 3]);
  assert.equal(table.drop(file, 1), 10);
  assert.equal(table.drop(socket, 3), 12);
  assert.equal(table.size, 1);
  assert.deepEqual([table.add(file, 13), table.add(file, 14), table.add(file, 15)], [3, 1, 4]);
});

test("a handle of another type, a free one and index 0 trap", () => {
  const table = new HandleTable();
  const index = table.add(file, 10);
  assert.throws(() => table.representation(socket, index), { message: /wrong type/ });
  assert.throws(() => table.takeOwned(socket, index), { message: /wrong type/ });
  assert.throws(() => table.representation(file, 0), { message: "unknown handle index 0" });
  assert.throws(() => table.lend(file, 9), { message: "unknown handle index 9" });
  table.drop(file, index);
  assert.throws(() => table.drop(file, index), { message: "unknown handle index 1" });
});

test("a lent handle can be neither dropped nor given away until it is taken back", () => {
  const table = new HandleTable();
  const index = table.add(file, 10);
  assert.equal(table.lend(file, index), 10);
  assert.equal(table.lend(file, index), 10);
  table.takeBack(index);
  assert.throws(() => table.drop(file, index), { message: "cannot remove owned resource while borrowed" });
  assert.throws(() => table.takeOwned(file, index), { message: "cannot remove owned resource while borrowed" });
  table.takeBack(index);
  assert.equal(table.takeOwned(file, index), 10);
});

test("listed lends of nested calls are taken back by mark", () => {
  const table = new HandleTable();
  const [a, b] = [table.add(file, 10), table.add(file, 11)];
  const outer = table.lentMark();
  table.lendListed(file, a);
  const inner = table.lentMark();
  table.lendListed(file, a);
  table.lendListed(file, b);
  table.takeBackTo(inner);
  assert.equal(table.drop(file, b), 11);
  assert.throws(() => table.drop(file, a));
  table.takeBackTo(outer);
  assert.equal(table.drop(file, a), 10);
});

test("a borrowed handle belongs to its scope and must be dropped in it", () => {
  const table = new HandleTable();
  table.openScope();
  const index = table.addBorrowed(file, 10);
  assert.throws(() => table.takeOwned(file, index), { message: /borrowed handle where an owned one is needed/ });
  table.openScope();
  table.closeScope();
  assert.equal(table.drop(file, index), -1);
  table.closeScope();
  table.openScope();
  table.addBorrowed(file, 10);
  assert.throws(() => table.closeScope(), { message: "borrow handles still remain at the end of the call" });
});

test("a saved state restores handles and the order of free indices", () => {
  const table = new HandleTable();
  for (let value = 10; value < 15; value++) table.add(file, value);
  table.drop(file, 2);
  table.drop(file, 4);
  const other = new HandleTable();
  other.add(socket, 99);
  other.restore(structuredClone(table.save()));
  assert.deepEqual(other.save(), table.save());
  assert.equal(other.add(file, 20), 4);
  assert.equal(other.add(file, 21), 2);
  assert.equal(other.add(file, 22), 6);
  assert.equal(other.representation(file, 5), 14);
});
