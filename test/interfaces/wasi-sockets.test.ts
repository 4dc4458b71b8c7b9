/** wasi:sockets, by a guest in JavaScript against servers and clients of the test, with kills. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "../support/poll.ts";
import { threeWays } from "../support/three-ways.ts";
import type { Way } from "../support/three-ways.ts";

/** How often each line or text was said to the servers. */
const said = new Map<string, number>();

function note(text: string): void {
  said.set(text, (said.get(text) ?? 0) + 1);
}

/** Nothing is said twice but what a kill cut off. */
function saidOnce(texts: (worker: string) => readonly string[]): (way: Way, worker: string) => void {
  return (way, worker) => {
    const times = texts(worker).map((text) => said.get(text) ?? 0);
    const repeated = times.filter((count) => count > 1);
    assert.ok(times.every((count) => count === 1 || count === 2));
    assert.ok(repeated.length <= (way === "killed in the midst" ? 1 : 0), `${way}: said ${times.join(", ")} times`);
  };
}

const sockets = new Set<Socket>();

function keep(socket: Socket): void {
  sockets.add(socket);
  socket.on("error", () => undefined);
  socket.on("close", () => sockets.delete(socket));
}

const lines = createServer((socket) => {
  keep(socket);
  const input = createInterface(socket);
  input.on("error", () => undefined);
  input.on("line", (line) => {
    note(line);
    // Long enough for kills to come in between.
    void delay(40).then(() => socket.write(`echo of ${line}\n`));
  });
});
const echo = createServer((socket) => {
  keep(socket);
  socket.pipe(socket);
});
const datagrams = createSocket("udp4", (data, remote) => {
  note(data.toString());
  void delay(40).then(() => datagrams.send(data, remote.port, remote.address));
});
/** A port of the system's choice that nobody uses. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

await Promise.all([once(lines.listen(0, "127.0.0.1"), "listening"), once(echo.listen(0, "127.0.0.1"), "listening")]);
datagrams.bind(0, "127.0.0.1");
await once(datagrams, "listening");
const linesPort = (lines.address() as AddressInfo).port;
const echoPort = (echo.address() as AddressInfo).port;
const ports = await Promise.all(Array.from({ length: 20 }, freePort));
after(() => {
  for (const socket of sockets) socket.destroy();
  lines.close();
  echo.close();
  datagrams.close();
});

const numbered = (worker: string): readonly string[] => [1, 2, 3, 4, 5].map((number) => `${worker} ${number}`);

/** Says a line to a worker; whether it was heard. */
async function say(port: number, line: string): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  keep(socket);
  socket.write(`${line}\n`);
  let answer = "";
  socket.on("data", (data) => {
    answer += data.toString();
    if (answer.endsWith("\n")) socket.end();
  });
  await new Promise((resolve) => socket.on("close", resolve));
  return answer === `heard ${line}\n`;
}

/** Says each line until it is heard, whatever happens to the worker meanwhile. */
async function sayAll(port: number): Promise<void> {
  for (const line of ["1", "2", "3"]) await eventually(() => say(port, line), `line ${line} is heard at ${port}`);
}

const inOrder = ["1", "2", "3"];
/** What outlives a kill of the server has to be there again. */
const talks: Promise<void>[] = [];
after(() => Promise.all(talks));

threeWays(
  "sockets",
  {
    "lines over a connection": {
      call: "echo",
      parameters: (worker) => [linesPort, numbered(worker)],
      expected: (echoes: unknown) => {
        const [first = ""] = echoes as readonly string[];
        const worker = /^echo of (\S+) 1$/u.exec(first)?.[1] ?? "";
        assert.deepEqual(
          echoes,
          numbered(worker).map((line) => `echo of ${line}`),
        );
      },
      verify: saidOnce(numbered),
    },
    "8 MiB both ways at once": {
      call: "through",
      parameters: () => [echoPort, 2048],
      expected: 8 * 1024 * 1024,
    },
    "a server": {
      call: "serve",
      parameters: () => {
        const port = ports.pop();
        assert.ok(port !== undefined);
        talks.push(sayAll(port));
        return [port, 3];
      },
      expected: inOrder,
      remembered: inOrder,
    },
    datagrams: {
      call: "datagrams",
      parameters: (worker) => [datagrams.address().port, numbered(worker)],
      expected: (echoes: unknown) => assert.equal((echoes as readonly string[]).length, 5),
      verify: saidOnce(numbered),
    },
    "a name that is looked up": {
      call: "lookup",
      parameters: () => ["localhost"],
      expected: (addresses: unknown) => assert.ok((addresses as readonly string[]).length > 0),
    },
    "a name that is none": {
      call: "lookup",
      parameters: () => ["a name with spaces"],
      expected: ["invalid-argument"],
      remembered: ["invalid-argument"],
    },
    "an address that nobody listens at": {
      call: "refusal",
      parameters: () => [[127, 0, 0, 1], 1],
      expected: "connection-refused",
    },
    "an address that may not be reached": {
      call: "refusal",
      parameters: () => [[169, 254, 169, 254], 80],
      expected: "access-denied",
    },
    "a port where workers may not listen": {
      call: "listen-refusal",
      parameters: () => [80],
      expected: "access-denied",
    },
  },
  { flags: ["--listening-allowed", "127.0.0.1:1024-65535"] },
);
