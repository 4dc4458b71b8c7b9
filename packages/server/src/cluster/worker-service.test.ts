import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { ComponentService } from "../component/component-service.ts";
import { systemClock } from "../platform/clock.ts";
import { systemEntropy } from "../platform/entropy.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import type { WorkerEvent } from "../worker/events.ts";
import type { ReplyValue, Request } from "../worker/messages.ts";
import { WorkerService } from "./worker-service.ts";

const componentId = "00000000-0000-4000-8000-000000000000";
const [here, elsewhere] = [
  { componentId, workerName: "here" },
  { componentId, workerName: "elsewhere" },
];

function serviceOver(request: (request: Request) => Promise<ReplyValue>): WorkerService {
  const { components: store, blobs, workers: index } = createMemoryStorage().stores();
  const entropy = systemEntropy();
  const clock = systemClock();
  const components = new ComponentService({
    store,
    blobs,
    clock,
    entropy,
    filesBytesMax: 1024,
    componentBytesMax: 1000,
    moduleLimits: { memoryBytesMax: 65_536, tableEntriesMax: 1000 },
    transform: () => Promise.reject(new Error("no transformers")),
  });
  return new WorkerService({ components, executors: { request: (_, asked) => request(asked) }, index, entropy });
}

describe("WorkerService.reconnect()", () => {
  it("watches the workers of a replaced executor again, under the same subscription", async () => {
    const asked: Request[] = [];
    const service = serviceOver((request) => {
      asked.push(request);
      return Promise.resolve(undefined);
    });
    const events: WorkerEvent[] = [];
    const disconnect = await service.connect(here, (event) => events.push(event));
    await service.connect(elsewhere, () => undefined);
    const [first] = asked.splice(0);
    service.reconnect((worker) => worker === here);
    assert.deepEqual(asked, [first]);
    disconnect();
    service.reconnect(() => true);
    assert.deepEqual(
      asked.slice(1).map(({ kind }) => kind),
      ["disconnect", "connect"],
    );
    assert.deepEqual(events, []);
  });

  it("ends the stream of a worker that can't be watched any more", async () => {
    let gone = false;
    const service = serviceOver(() => (gone ? Promise.reject(new Error("gone")) : Promise.resolve(undefined)));
    const events: WorkerEvent[] = [];
    await service.connect(here, (event) => events.push(event));
    gone = true;
    service.reconnect(() => true);
    await turn();
    assert.deepEqual(events, [{ kind: "close" }]);
  });
});
