/** golem:rpc 0.1, whose workers are addressed by URI, together with golem:api 0.2. */
import { eventually } from "../support/poll.ts";
import { threeWays } from "../support/three-ways.ts";

const calleeOf = (worker: string): string => `${worker}-callee`;

const suite = threeWays("rpc-by-uri", {
  "every way to call runs once": {
    call: "call",
    parameters: (worker) => [calleeOf(worker)],
    expected: [1, 111],
    remembered: [1, 111],
    verify: async (_way, worker) => {
      const callee = suite.client.worker(suite.componentId, calleeOf(worker));
      await eventually(async () => (await callee.invoke("total")) === 1111, "the scheduled call has run");
    },
  },
  "values and types are taken apart": { call: "values", expected: ["prim-u8", "prim-u8-type"] },
});
