/** The part of the stores' suite that is about deliveries to oplog processors. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { Delivery, DeliveryCursor } from "../worker/delivery-store.ts";
import type { OpenSubject } from "./conformance.ts";
import { appendOf, componentA } from "./test-fixtures.ts";

function delivery(workerName: string, installationId: string, change: Partial<Delivery> = {}): Delivery {
  const worker = { componentId: componentA, workerName };
  const id = `${workerName}-${installationId}`;
  return { worker, installationId, id, revision: 0, lastIndex: 0, sending: false, state: "{}", ...change };
}

export function describeDeliveries(open: OpenSubject): void {
  it("DeliveryStore.begin() adds a delivery once", async () => {
    await using subject = await open();
    const { deliveries } = subject.stores;
    await deliveries.begin(delivery("w", "b", { state: '{"a":1}' }));
    await deliveries.begin(delivery("w", "a", { lastIndex: 7 }));
    await deliveries.begin(delivery("w", "b", { lastIndex: 9, id: "other" }));
    await deliveries.begin(delivery("x", "a"));
    const reopened = (await subject.reopen()).deliveries;
    const expected = [delivery("w", "a", { lastIndex: 7 }), delivery("w", "b", { state: '{"a":1}' })];
    assert.deepEqual(await reopened.of(delivery("w", "").worker), expected);
    assert.deepEqual(await reopened.of(delivery("none", "").worker), []);
  });

  it("DeliveryStore.advance() changes only the revision before, of this worker", async () => {
    await using subject = await open();
    const { deliveries } = subject.stores;
    await deliveries.begin(delivery("w", "a"));
    const advanced = delivery("w", "a", { revision: 1, lastIndex: 5, sending: true, state: '{"b":2}' });
    assert.equal(await deliveries.advance(advanced), true);
    assert.equal(await deliveries.advance(advanced), false);
    assert.equal(await deliveries.advance({ ...advanced, revision: 2, id: "other" }), false);
    assert.equal(await deliveries.advance(delivery("x", "a", { revision: 1 })), false);
    assert.deepEqual(await (await subject.reopen()).deliveries.of(advanced.worker), [advanced]);
  });

  it("DeliveryStore.behind() pages over what is on its way or hasn't come to the end", async () => {
    await using subject = await open();
    const { deliveries, oplogs } = subject.stores;
    for (const name of ["a", "b", "c"]) await oplogs.append(appendOf(name, 1, { count: 3 }));
    await deliveries.begin(delivery("a", "1", { lastIndex: 3 }));
    await deliveries.begin(delivery("a", "2", { lastIndex: 2 }));
    await deliveries.begin(delivery("b", "1", { lastIndex: 3, sending: true }));
    await deliveries.begin(delivery("c", "1"));
    await deliveries.begin(delivery("none", "1"));
    for (const count of [1, 3, 10]) {
      const found: string[] = [];
      let after: DeliveryCursor | undefined;
      do {
        const page = await deliveries.behind(after, count);
        found.push(...page.workers.map(({ workerName }) => workerName));
        after = page.next;
      } while (after !== undefined);
      assert.deepEqual(found.sort(), ["a", "b", "c"]);
    }
  });

  it("OplogStore.delete() deletes the worker's deliveries", async () => {
    await using subject = await open();
    const { deliveries, oplogs } = subject.stores;
    await oplogs.append(appendOf("w", 1));
    await oplogs.append(appendOf("x", 1));
    for (const name of ["w", "x"]) await deliveries.begin(delivery(name, "a"));
    await oplogs.delete(delivery("w", "").worker, 7, 1);
    const reopened = (await subject.reopen()).deliveries;
    assert.deepEqual(await reopened.of(delivery("w", "").worker), []);
    assert.deepEqual(await reopened.of(delivery("x", "").worker), [delivery("x", "a")]);
  });
}
