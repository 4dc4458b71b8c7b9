import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { parse } from "@bytecodealliance/jco";
import type { ComponentImage } from "../component/component-image.ts";
import { imageForTests, replayWorker, servicesForTests, startWorker, testWorker } from "./guest-for-tests.ts";

/** Carts hold a number; `merge` takes two of them. */
const text = `(component
  (type $cart (resource (rep i32)))
  (core func $new (canon resource.new $cart))
  (core func $rep (canon resource.rep $cart))
  (core func $drop (canon resource.drop $cart))
  (core module $main
    (import "cart" "new" (func $new (param i32) (result i32)))
    (import "cart" "rep" (func $rep (param i32) (result i32)))
    (import "cart" "drop" (func $drop (param i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "get") (param i32) (result i32) (local.get 0))
    (func (export "merge") (param i32 i32) (result i32)
      (local $sum i32)
      (local.set $sum (i32.add (call $rep (local.get 0)) (call $rep (local.get 1))))
      (call $drop (local.get 0))
      (call $drop (local.get 1))
      (local.get $sum))
    (func (export "compare") (param i32 i32) (result i32) (i32.eq (local.get 0) (local.get 1))))
  (core instance $main (instantiate $main (with "cart" (instance
    (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop))))))
  (export $exported "cart" (type $cart))
  (func (export "[constructor]cart") (param "n" u32) (result (own $exported))
    (canon lift (core func $main "make")))
  (func (export "[method]cart.get") (param "self" (borrow $exported)) (result u32)
    (canon lift (core func $main "get")))
  (func (export "merge") (param "left" (own $exported)) (param "right" (own $exported)) (result u32)
    (canon lift (core func $main "merge")))
  (func (export "compare") (param "left" (borrow $exported)) (param "right" (borrow $exported)) (result bool)
    (canon lift (core func $main "compare"))))`;

const urn = (id: number): string => `urn:worker:${testWorker.componentId}/${testWorker.workerName}/${id}`;
const value = (result: string): unknown =>
  (JSON.parse(result) as { result: { value: readonly unknown[] } }).result.value[0];

let image: ComponentImage;

before(async () => {
  image = await imageForTests(await parse(text));
});

describe("WorkerInstance", () => {
  it("knows resources by ids that are the same at replay", async () => {
    const services = servicesForTests();
    const { invoke } = await startWorker(image, services);
    assert.equal(value(await invoke("golem:component.{cart.new}", 5)), urn(0));
    assert.equal(value(await invoke("golem:component.{cart.new}", 6)), urn(1));
    assert.equal(value(await invoke("golem:component.{cart.get}", urn(1))), 6);
    const { invoke: again, session } = await replayWorker(image, services);
    assert.equal(value(await again("golem:component.{cart.get}", urn(0))), 5);
    assert.deepEqual([...session.state.resources.keys()], [0, 1]);
    assert.equal(value(await again("merge", urn(0), urn(1))), 11);
    assert.deepEqual([...session.state.resources.keys()], []);
    assert.equal(value(await again("golem:component.{cart.new}", 7)), urn(2));
  });

  it("refuses requests with handles that are gone or given away twice, before the guest is entered", async () => {
    const { invoke, session } = await startWorker(image, servicesForTests());
    await invoke("golem:component.{cart.new}", 5);
    await invoke("golem:component.{cart.new}", 6);
    const { lastIndex } = session.state;
    await assert.rejects(invoke("merge", urn(0), urn(0)), { name: "WorkerError", message: /given away twice/u });
    await assert.rejects(invoke("merge", urn(0), urn(9)), { name: "WorkerError", message: /there is no resource 9/u });
    assert.equal(session.state.lastIndex, lastIndex);
    assert.equal(value(await invoke("compare", urn(0), urn(0))), true);
    assert.equal(value(await invoke("merge", urn(0), urn(1))), 11);
    await assert.rejects(invoke("golem:component.{cart.get}", urn(0)), { message: /there is no resource 0/u });
  });
});
