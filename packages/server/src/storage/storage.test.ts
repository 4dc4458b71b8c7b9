import { describeStores } from "./conformance.ts";
import type { StorageLimits } from "./limits.ts";
import { openForTest, temporaryDirectory } from "./test-fixtures.ts";

function describeEmbedded(name: string, limits: Partial<StorageLimits>, partitions = 1): void {
  describeStores(name, async () => {
    const directory = await temporaryDirectory();
    let opened = await openForTest(directory.path, { limits, partitions });
    return {
      stores: opened.client,
      reopen: async () => {
        await opened[Symbol.asyncDispose]();
        opened = await openForTest(directory.path, { limits, partitions });
        return opened.client;
      },
      [Symbol.asyncDispose]: async () => {
        await opened[Symbol.asyncDispose]();
        await directory[Symbol.asyncDispose]();
      },
    };
  });
}

describeEmbedded("embedded", {});
// Everything is moved as soon as it was committed, in the smallest steps, so that all reads come from the tables.
const movingAtOnce: Partial<StorageLimits> = {
  journalMoveBytes: 1,
  moveStepBytes: 1,
  checkpointBytes: 1,
  listStepCount: 1,
};
describeEmbedded("embedded, moving at once", movingAtOnce);
describeEmbedded("embedded, three partitions, moving at once", movingAtOnce, 3);
