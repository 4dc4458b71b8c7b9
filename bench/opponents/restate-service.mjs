// The Restate side: a virtual object, served to the Restate server that the benchmark starts beside it.
import { createServer } from "node:http2";
import { createEndpointHandler, object } from "@restatedev/restate-sdk";

const draw = () => Math.floor(Math.random() * 2 ** 32);

const counter = object({
  name: "Counter",
  handlers: {
    add: async (ctx, amount) => {
      const sum = ((await ctx.get("sum")) ?? 0) + amount;
      ctx.set("sum", sum);
      return sum;
    },
    // Each step's result is journaled before the next begins.
    steps: async (ctx) => {
      const first = await ctx.run("first", draw);
      const second = await ctx.run("second", draw);
      const third = await ctx.run("third", draw);
      return first + second + third;
    },
    call: async (ctx, { other, amount }) => await ctx.objectClient({ name: "Counter" }, other).add(amount),
  },
});

const server = createServer(createEndpointHandler({ services: [counter] }));
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
