/** The ceiling: an HTTP server of Node that parses the same request and answers as much, and keeps nothing. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

let sum = 0;

const server = createServer((request, response) => {
  let text = "";
  request.setEncoding("utf8");
  request.on("data", (part: string) => {
    text += part;
  });
  request.on("end", () => {
    const { params } = JSON.parse(text) as { readonly params: readonly [number] };
    sum += params[0];
    const reply = JSON.stringify({ result: { typ: { type: "Tuple", items: [{ type: "U64" }] }, value: [sum] } });
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(reply) });
    response.end(reply);
  });
});

server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
