import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { sleep } from "./sleep.ts";

describe("sleep()", () => {
  it("lasts as long as it is told to, also longer than a timer of Node can", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      let ended = false;
      const month = 30 * 24 * 3_600_000;
      const sleeping = sleep(month, new AbortController().signal).then(() => (ended = true));
      mock.timers.tick(2 ** 31 - 1);
      await Promise.resolve();
      assert.equal(ended, false);
      mock.timers.tick(month - (2 ** 31 - 1));
      await sleeping;
    } finally {
      mock.timers.reset();
    }
  });

  it("ends when it is aborted, also before it began", async () => {
    const controller = new AbortController();
    const sleeping = sleep(1e9, controller.signal);
    controller.abort();
    await sleeping;
    await sleep(1e9, controller.signal);
  });
});
