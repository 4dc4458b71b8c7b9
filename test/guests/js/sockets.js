import { instanceNetwork } from "wasi:sockets/instance-network@0.2.0";
import { resolveAddresses } from "wasi:sockets/ip-name-lookup@0.2.0";
import { createTcpSocket } from "wasi:sockets/tcp-create-socket@0.2.0";
import { createUdpSocket } from "wasi:sockets/udp-create-socket@0.2.0";
import { poll } from "wasi:io/poll@0.2.0";
import { subscribeDuration } from "wasi:clocks/monotonic-clock@0.2.0";

let theNetwork;

/** Made at the first use: there is no host yet when the module is evaluated. */
function network() {
  // componentize-js forgets the class of a resource whose interface has no functions.
  instanceNetwork.constructor("globalThis.import_network_0_2_0$Network ??= class Network {}")();
  return (theNetwork ??= instanceNetwork());
}

const loopback = [127, 0, 0, 1];
const encoder = new TextEncoder();
const decoder = new TextDecoder();

let observed = [];
let listener;

const at = (address, port) => ({ tag: "ipv4", val: { address, port } });

class Lost extends Error {}

/** What a socket throws, or a stream. */
function reason(error) {
  const { payload } = error;
  if (typeof payload === "string") return payload;
  if (payload?.tag === "closed" || payload?.tag === "last-operation-failed") return payload.tag;
  throw error;
}

function connect(port, address = loopback) {
  const socket = createTcpSocket("ipv4");
  socket.startConnect(network(), at(address, port));
  socket.subscribe().block();
  const [input, output] = socket.finishConnect();
  return { socket, input, output };
}

/** Throws `Lost` where the connection is. */
function onConnection(action) {
  try {
    return action();
  } catch (error) {
    throw new Lost(reason(error));
  }
}

/** Reads up to the end of a line. */
function readLine({ input }) {
  let line = "";
  while (!line.endsWith("\n")) line += decoder.decode(onConnection(() => input.blockingRead(1000n)));
  return line.trimEnd();
}

function writeLine({ output }, line) {
  onConnection(() => output.blockingWriteAndFlush(encoder.encode(`${line}\n`)));
}

/** As programs do: what was lost with a connection is done again on another. */
function reconnecting(port, action) {
  let connection = connect(port);
  return () => {
    for (;;) {
      try {
        return action(connection);
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
        observed.push(`lost: ${error.message}`);
        connection = connect(port);
      }
    }
  };
}

export function echo(port, lines) {
  observed = [];
  let line;
  const exchange = reconnecting(port, (connection) => {
    writeLine(connection, line);
    return readLine(connection);
  });
  const echoes = [];
  for (line of lines) echoes.push(exchange());
  return echoes;
}

export function through(port, chunks) {
  observed = [];
  const chunk = new Uint8Array(4096).fill(7);
  return reconnecting(port, ({ socket, input, output }) =>
    onConnection(() => {
      let bytes = 0n;
      for (let sent = 0; sent < chunks; sent++) {
        output.blockingWriteAndFlush(chunk);
        bytes += BigInt(input.read(1_000_000n).length);
      }
      socket.shutdown("send");
      const whole = BigInt(chunks) * 4096n;
      while (bytes < whole) bytes += BigInt(input.blockingRead(1_000_000n).length);
      return bytes;
    }),
  )();
}

function listen(port) {
  const socket = createTcpSocket("ipv4");
  socket.startBind(network(), at(loopback, port));
  socket.finishBind();
  socket.startListen();
  socket.finishListen();
  return socket;
}

function answer([socket, input, output], lines) {
  try {
    const line = readLine({ input });
    if (!lines.includes(line)) lines.push(line);
    writeLine({ output }, `heard ${line}`);
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
  }
  for (const each of [input, output, socket]) each[Symbol.dispose]();
}

export function serve(port, count) {
  const lines = [];
  listener ??= listen(port);
  while (lines.length < count) {
    listener.subscribe().block();
    let accepted;
    try {
      accepted = listener.accept();
    } catch (error) {
      if (reason(error) !== "would-block") throw error;
      continue;
    }
    answer(accepted, lines);
  }
  observed = lines;
  return lines;
}

export function datagrams(port, texts) {
  observed = [];
  const socket = createUdpSocket("ipv4");
  socket.startBind(network(), at(loopback, 0));
  socket.finishBind();
  const [incoming, outgoing] = socket.stream(at(loopback, port));
  const arrived = incoming.subscribe();
  const echoes = [];
  for (const text of texts) {
    while (echoes.at(-1) !== text) {
      outgoing.checkSend();
      outgoing.send([{ data: encoder.encode(text) }]);
      poll([arrived, subscribeDuration(1_000_000_000n)]);
      for (const { data } of incoming.receive(10n)) if (decoder.decode(data) === text) echoes.push(text);
    }
  }
  observed = echoes;
  return echoes;
}

export function lookup(name) {
  observed = [];
  try {
    const addresses = resolveAddresses(network(), name);
    addresses.subscribe().block();
    for (;;) {
      const next = addresses.resolveNextAddress();
      if (next === undefined) break;
      observed.push(next.tag === "ipv4" ? next.val.join(".") : next.val.map((part) => part.toString(16)).join(":"));
    }
  } catch (error) {
    observed.push(reason(error));
  }
  return observed;
}

export function refusal(address, port) {
  try {
    connect(port, address);
    return "connected";
  } catch (error) {
    return reason(error);
  }
}

export function listenRefusal(port) {
  try {
    listen(port);
    return "listening";
  } catch (error) {
    return reason(error);
  }
}

export function observe() {
  return observed;
}
