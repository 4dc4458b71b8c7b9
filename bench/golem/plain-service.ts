/** What Golem's throughput benchmark compares with, in plain Node: the same functions behind HTTP, nothing kept. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface Data {
  readonly id: string;
  readonly name: string;
  readonly desc: string;
  readonly timestamp: number;
}

function reversed(text: string): string {
  let result = "";
  for (const character of text) result = character + result;
  return result;
}

function calculate(times: number): number {
  const numbers = Float64Array.from({ length: 10_000 }, (_, index) => index);
  let total = 0;
  for (let time = 0; time < times; time += 1) {
    const copy = numbers.slice();
    if (time % 2 === 0) copy.reverse();
    for (let index = 0; index < copy.length; index += 1) total += copy[index] ?? 0;
  }
  return Math.floor(total / times);
}

function process(input: readonly Data[]): readonly Data[] {
  return input.toReversed().map(({ id, name, desc, timestamp }) => ({
    id: reversed(id),
    name: reversed(name),
    desc: reversed(desc),
    timestamp,
  }));
}

const operations: { readonly [path: string]: (input: never) => unknown } = {
  "/echo": (input: string) => input,
  "/calculate": calculate,
  "/process": process,
};

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const { params } = JSON.parse(Buffer.concat(parts).toString()) as { readonly params: readonly [never] };
    const reply = JSON.stringify(operations[request.url ?? ""]?.(params[0]));
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(reply) });
    response.end(reply);
  });
});

// A thread that computes for seconds doesn't read meanwhile, and would take connections for idle.
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
