import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { parse } from "@bytecodealliance/jco";
import type { ComponentImage } from "../component/component-image.ts";
import { imageForTests, replayWorker, servicesForTests, startWorker } from "./guest-for-tests.ts";
import type { WorkerServices } from "./services.ts";

const text = `(component
  (core module $main
    (func (export "spin") (param $turns i64) (result i64)
      (local $i i64)
      (loop $again
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br_if $again (i64.lt_u (local.get $i) (local.get $turns))))
      (local.get $i)))
  (core instance $main (instantiate $main))
  (func (export "spin") (param "turns" u64) (result u64) (canon lift (core func $main "spin"))))`;

const turns = 1_000_000;

function limited(services: WorkerServices, invocationFuelMax: number): WorkerServices {
  return { ...services, limits: { ...services.limits, invocationFuelMax } };
}

let image: ComponentImage;

before(async () => {
  image = await imageForTests(await parse(text));
});

describe("InstanceUsage", () => {
  it("counts each invocation for itself", async () => {
    const { invoke, instance } = await startWorker(image, servicesForTests());
    await invoke("spin", turns);
    const { fuel, cpuMs } = instance.usage.ofInvocation;
    assert.ok(fuel >= turns && fuel < turns * 1.1, String(fuel));
    assert.ok(cpuMs > 0);
    await invoke("spin", 10);
    assert.ok(instance.usage.ofInvocation.fuel < 100);
  });

  it("counts the same when it is replayed", async () => {
    const services = servicesForTests();
    const { invoke, instance } = await startWorker(image, services);
    await invoke("spin", turns);
    const again = await replayWorker(image, services);
    assert.equal(again.instance.usage.ofInvocation.fuel, instance.usage.ofInvocation.fuel);
  });

  it("ends an invocation that uses more than it may, but not the replay of one that came to its end", async () => {
    const services = servicesForTests();
    const { invoke } = await startWorker(image, services);
    await invoke("spin", turns);
    const again = await replayWorker(image, limited(services, turns / 2));
    await again.invoke("spin", 10);
    await assert.rejects(again.invoke("spin", turns), /has used more fuel than one may: 500000 units/u);
    await assert.rejects(again.invoke("spin", 10), /it has ended/u);
  });
});
