import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { openNetwork } from "../../platform/network/network-for-tests.ts";
import { parseNetworkRules } from "../../platform/network/policy.ts";
import { TestHost } from "../context-for-tests.ts";
import { at, local, outcome, SocketGuest, tcpName, value } from "./guest-for-tests.ts";
import { socketsMax } from "./worker-sockets.ts";

/** Everything that came, by connection. */
const received: string[] = [];
let server: Server;
let port = 0;

before(async () => {
  server = createServer((socket: Socket) => {
    const index = received.push("") - 1;
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      received[index] += data.toString();
      socket.write(data);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  ({ port } = server.address() as AddressInfo);
});
after(() => void server.close());

const started = (host: TestHost): SocketGuest => new SocketGuest(host.start());

describe("wasi:sockets/tcp", () => {
  it("sends and receives, and at replay gives what was received without connecting or sending", async () => {
    const host = new TestHost();
    const run = async (guest: SocketGuest): Promise<readonly unknown[]> => {
      const { socket, input, output } = await guest.connect(port);
      await guest.write(output, "one");
      const first = await guest.read(input);
      await guest.write(output, "two");
      return [first, await guest.read(input), guest.tcp("local-address", socket), guest.tcp("remote-address", socket)];
    };
    const earlier = received.length;
    const live = started(host);
    const seen = await run(live);
    assert.deepEqual(seen.slice(0, 2), ["one", "two"]);
    assert.deepEqual(seen[3], { tag: "ok", val: local(port) });
    await live.guest.context.durable.commit();
    live.guest.context.resources.closeAll();
    const replayed = started(host);
    assert.deepEqual(await run(replayed), seen);
    assert.deepEqual(received.slice(earlier), ["onetwo"]);
  });

  it("reports a connection of an earlier run as reset, once, and lets the guest connect again", async () => {
    const host = new TestHost();
    const live = started(host);
    await live.connect(port);
    await live.guest.context.durable.commit();
    live.guest.context.resources.closeAll();
    const guest = started(host);
    const { input, output } = await guest.connect(port);
    assert.equal(await guest.write(output, "lost"), "connection-reset");
    assert.equal(await guest.write(output, "lost"), "closed");
    assert.equal(await guest.read(input), "connection-reset");
    assert.equal(await guest.read(input), "closed");
    const again = await guest.connect(port);
    assert.equal(await guest.write(again.output, "again"), "ok");
    assert.equal(await guest.read(again.input), "again");
    guest.guest.context.resources.closeAll();
  });

  it("sends nothing before what led to it is durable", async () => {
    const host = new TestHost();
    const guest = started(host);
    const { input, output } = await guest.connect(port);
    const index = received.length - 1;
    const gate = Promise.withResolvers<void>();
    host.oplog.beforeAppend = () => gate.promise;
    guest.guest.call("wasi:io/streams@0.2.0", "[method]output-stream.write", output, Buffer.from("later"));
    const other = connect(port, "127.0.0.1");
    other.write("x");
    await once(other, "data");
    other.destroy();
    assert.equal(received[index], "");
    gate.resolve();
    assert.equal(await guest.read(input), "later");
    guest.guest.context.resources.closeAll();
  });

  it("makes an attempt again that was under way", async () => {
    const host = new TestHost();
    const first = started(host);
    const start = (guest: SocketGuest): number => {
      const socket = guest.create("tcp");
      value(guest.tcp("start-connect", socket, guest.network, local(port)));
      return socket;
    };
    start(first);
    await first.guest.context.durable.commit();
    first.guest.context.resources.closeAll();
    const guest = started(host);
    const socket = start(guest);
    await guest.wait(guest.tcp<number>("subscribe", socket));
    value(guest.tcp("finish-connect", socket));
    guest.guest.context.resources.closeAll();
  });

  it("listens, accepts, and listens again at the same port after a restart", async () => {
    const host = new TestHost();
    const live = started(host);
    const { address } = await live.listen();
    await live.guest.context.durable.commit();
    live.guest.context.resources.closeAll();
    const guest = started(host);
    const { socket, address: sameAddress } = await guest.listen();
    assert.deepEqual(sameAddress, address);
    assert.equal(guest.tcp("is-listening", socket), true);
    const accepting = guest.accept(socket);
    const client = connect(address.val.port, "127.0.0.1");
    client.end("hello");
    const { input, output } = await accepting;
    assert.equal(await guest.read(input), "hello");
    assert.equal(await guest.read(input), "closed");
    await guest.write(output, "bye");
    const [data] = (await once(client, "data")) as [Buffer];
    assert.equal(data.toString(), "bye");
    guest.guest.context.resources.closeAll();
    await once(client, "close");
  });

  it("goes by WASI's table of states", async () => {
    const guest = started(new TestHost());
    const socket = guest.create("tcp");
    const call = (method: string, ...parameters: readonly unknown[]): unknown =>
      outcome(guest.tcp(method, socket, ...parameters));
    for (const method of ["finish-bind", "finish-connect", "finish-listen"])
      assert.equal(call(method), "not-in-progress");
    for (const method of ["start-listen", "accept", "local-address", "remote-address"]) {
      assert.equal(call(method), "invalid-state", method);
    }
    assert.equal(call("shutdown", "both"), "invalid-state");
    assert.equal(call("start-bind", guest.network, at("::1", 0)), "invalid-argument");
    assert.equal(call("start-bind", guest.network, at("239.0.0.1", 0)), "invalid-argument");
    for (const remote of [at("0.0.0.0", 80), at("127.0.0.1", 0), at("255.255.255.255", 80), at("::1", 80)]) {
      assert.equal(call("start-connect", guest.network, remote), "invalid-argument");
    }
    assert.equal(call("start-bind", guest.network, local(0)), undefined);
    assert.equal(call("start-bind", guest.network, local(0)), "concurrency-conflict");
    assert.equal(call("local-address"), "concurrency-conflict");
    assert.deepEqual(await guest.tcp<Promise<unknown>>("finish-bind", socket), { tag: "ok", val: undefined });
    assert.equal(call("start-bind", guest.network, local(0)), "invalid-state");
    assert.equal(call("accept"), "invalid-state");
    assert.equal(call("start-listen"), undefined);
    assert.equal(call("start-listen"), "concurrency-conflict");
    assert.deepEqual(await guest.tcp<Promise<unknown>>("finish-listen", socket), { tag: "ok", val: undefined });
    assert.equal(call("start-connect", guest.network, local(port)), "invalid-state");
    assert.equal(call("accept"), "would-block");
    const mapped = guest.create("tcp", "ipv6");
    const bound = guest.tcp("start-bind", mapped, guest.network, at("::ffff:127.0.0.1", 0));
    assert.deepEqual(bound, { tag: "err", val: "invalid-argument" });
    const refused = guest.create("tcp");
    value(guest.tcp("start-connect", refused, guest.network, local(1)));
    assert.deepEqual(outcome(guest.tcp("start-connect", refused, guest.network, local(1))), "concurrency-conflict");
    await guest.wait(guest.tcp<number>("subscribe", refused));
    assert.equal(outcome(guest.tcp("finish-connect", refused)), "connection-refused");
    assert.equal(outcome(guest.tcp("start-connect", refused, guest.network, local(port))), "invalid-state");
    guest.guest.context.resources.closeAll();
  });

  it("keeps options, and refuses zero", async () => {
    const guest = started(new TestHost());
    const socket = guest.create("tcp");
    const options: readonly (readonly [set: string, get: string, given: bigint | number, kept: bigint | number])[] = [
      ["set-keep-alive-idle-time", "keep-alive-idle-time", 1n, 1_000_000_000n],
      ["set-keep-alive-idle-time", "keep-alive-idle-time", 2n ** 64n - 1n, 32_767_000_000_000n],
      ["set-keep-alive-interval", "keep-alive-interval", 5_000_000_000n, 5_000_000_000n],
      ["set-keep-alive-count", "keep-alive-count", 4_000_000_000, 127],
      ["set-hop-limit", "hop-limit", 7, 7],
      ["set-receive-buffer-size", "receive-buffer-size", 5n, 5n],
      ["set-send-buffer-size", "send-buffer-size", 2n ** 64n - 1n, 2n ** 30n],
    ];
    for (const [set, get, given, kept] of options) {
      const zero = typeof given === "bigint" ? 0n : 0;
      assert.equal(outcome(guest.tcp(set, socket, zero)), "invalid-argument", set);
      assert.equal(outcome(guest.tcp(set, socket, given)), undefined, set);
      assert.equal(outcome(guest.tcp(get, socket)), kept, get);
    }
    assert.equal(outcome(guest.tcp("set-listen-backlog-size", socket, 0n)), "invalid-argument");
    assert.equal(outcome(guest.tcp("set-listen-backlog-size", socket, 2n ** 63n)), undefined);
    value(guest.tcp("set-keep-alive-enabled", socket, true));
    assert.equal(outcome(guest.tcp("keep-alive-enabled", socket)), true);
    assert.equal(guest.tcp("address-family", socket), "ipv4");
  });

  it("refuses what the rules don't allow, at once, and says the same at replay under other rules", async () => {
    const host = new TestHost();
    host.network = openNetwork({ outgoing: parseNetworkRules("!127.0.0.0/8,*"), listening: [] });
    const run = async (guest: SocketGuest): Promise<readonly unknown[]> => {
      const listener = guest.create("tcp");
      const refused = [outcome(guest.tcp("start-bind", listener, guest.network, local(8080)))];
      value(guest.tcp("start-bind", listener, guest.network, local(0)));
      await guest.tcp<Promise<unknown>>("finish-bind", listener);
      refused.push(outcome(guest.tcp("start-listen", listener)));
      refused.push(outcome(guest.tcp("start-connect", guest.create("tcp"), guest.network, local(port))));
      return refused;
    };
    const expected = ["access-denied", "access-denied", "access-denied"];
    const live = started(host);
    assert.deepEqual(await run(live), expected);
    await live.guest.context.durable.commit();
    host.network = openNetwork();
    assert.deepEqual(await run(started(host)), expected);
  });

  it("ends each direction apart", async () => {
    const guest = started(new TestHost());
    const { socket, input, output } = await guest.connect(port);
    value(guest.tcp("shutdown", socket, "send"));
    assert.equal(await guest.write(output, "no"), "closed");
    assert.equal(await guest.read(input), "closed");
    value(guest.tcp("shutdown", socket, "receive"));
    guest.guest.context.resources.closeAll();
  });

  it("bears hostile guests", async () => {
    const guest = started(new TestHost());
    assert.throws(() => guest.tcp("accept", 12_345), { name: "HostTrap" });
    assert.throws(() => guest.tcp("accept", guest.network), { name: "HostTrap" });
    const { output } = await guest.connect(port);
    assert.throws(() => guest.tcp("start-connect", guest.create("tcp"), output, local(port)), { name: "HostTrap" });
    const write = (bytes: number): unknown =>
      guest.guest.call("wasi:io/streams@0.2.0", "[method]output-stream.write", output, new Uint8Array(bytes));
    assert.throws(() => write(16 * 1024 * 1024), { name: "HostTrap" });
    const open: number[] = [];
    assert.throws(
      () => {
        for (;;) open.push(guest.create("tcp"));
      },
      { message: "new-socket-limit" },
    );
    assert.ok(open.length > socketsMax - 10);
    for (const socket of open) guest.guest.drop(tcpName, "tcp-socket", socket);
    guest.create("tcp");
    guest.guest.context.resources.closeAll();
  });

  it("moves much both ways with bounded buffers", async () => {
    const guest = started(new TestHost());
    const { input, output } = await guest.connect(port);
    const part = "0123456789abcdef".repeat(256);
    const parts = 1024;
    let readBytes = 0;
    for (let index = 0; index < parts; index++) {
      assert.equal(await guest.write(output, part), "ok");
      readBytes += (await guest.read(input, 2n ** 64n - 1n)).length;
    }
    while (readBytes < parts * part.length) readBytes += (await guest.read(input)).length;
    assert.equal(readBytes, parts * part.length);
    guest.guest.context.resources.closeAll();
  });
});
