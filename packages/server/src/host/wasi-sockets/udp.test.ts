import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { openNetwork } from "../../platform/network/network-for-tests.ts";
import { parseNetworkRules } from "../../platform/network/policy.ts";
import { TestHost } from "../context-for-tests.ts";
import type { Result } from "../results.ts";
import { at, local, outcome, SocketGuest, value } from "./guest-for-tests.ts";

const received: string[] = [];
let echo: Socket;
let port = 0;

before(async () => {
  echo = createSocket("udp4", (data, remote) => {
    received.push(data.toString());
    echo.send(data, remote.port, remote.address);
  });
  echo.bind(0, "127.0.0.1");
  await once(echo, "listening");
  ({ port } = echo.address());
});
after(() => void echo.close());

const started = (host: TestHost): SocketGuest => new SocketGuest(host.start());

describe("wasi:sockets/udp", () => {
  it("sends and receives, at replay sends nothing, and goes on at the same port", async () => {
    const host = new TestHost();
    const run = async (guest: SocketGuest): Promise<Awaited<ReturnType<SocketGuest["bindUdp"]>>> => {
      const bound = await guest.bindUdp();
      assert.equal(guest.sendTo(bound.outgoing, local(port), "first"), 1n);
      assert.deepEqual(await guest.receive(bound.incoming), ["first"]);
      return bound;
    };
    const live = started(host);
    const earlier = await run(live);
    await live.guest.context.durable.commit();
    live.guest.context.resources.closeAll();
    const count = received.length;
    const guest = started(host);
    const bound = await run(guest);
    assert.deepEqual(bound.address, earlier.address);
    assert.equal(received.length, count);
    guest.sendTo(bound.outgoing, local(port), "second");
    assert.deepEqual(await guest.receive(bound.incoming), ["second"]);
    guest.guest.context.resources.closeAll();
  });

  it("talks to one only when it is connected, and only its newest streams are of use", async () => {
    const guest = started(new TestHost());
    const { socket, outgoing } = await guest.bindUdp();
    assert.equal(guest.sendTo(outgoing, undefined, "to whom?"), "invalid-argument");
    const connected = outcome(guest.udp<never>("udp-socket", "stream", socket, local(port))) as readonly number[];
    const [incoming = 0, toEcho = 0] = connected;
    assert.deepEqual(guest.udp("udp-socket", "remote-address", socket), { tag: "ok", val: local(port) });
    assert.equal(guest.sendTo(toEcho, local(port + 1), "elsewhere"), "invalid-argument");
    assert.equal(guest.sendTo(toEcho, undefined, "here"), 1n);
    assert.deepEqual(await guest.receive(incoming), ["here"]);
    assert.equal(outcome(guest.udp("outgoing-datagram-stream", "check-send", outgoing)), "invalid-state");
    guest.guest.context.resources.closeAll();
  });

  it("checks states, arguments and sizes", async () => {
    const guest = started(new TestHost());
    const socket = guest.create("udp");
    const call = (method: string, ...parameters: readonly unknown[]): unknown =>
      outcome(guest.udp("udp-socket", method, socket, ...parameters));
    assert.equal(call("stream", undefined), "invalid-state");
    assert.equal(call("local-address"), "invalid-state");
    assert.equal(call("finish-bind"), "not-in-progress");
    assert.equal(call("start-bind", guest.network, at("::1", 0)), "invalid-argument");
    assert.equal(call("set-unicast-hop-limit", 0), "invalid-argument");
    assert.equal(call("set-receive-buffer-size", 0n), "invalid-argument");
    assert.equal(call("set-send-buffer-size", 4096n), undefined);
    assert.equal(call("send-buffer-size"), 4096n);
    assert.equal(call("set-receive-buffer-size", 8192n), undefined);
    assert.equal(call("receive-buffer-size"), 8192n);
    assert.equal(call("set-unicast-hop-limit", 9), undefined);
    assert.equal(call("unicast-hop-limit"), 9);
    assert.equal(guest.udp<string>("udp-socket", "address-family", socket), "ipv4");
    const { outgoing } = await guest.bindUdp();
    assert.throws(() => guest.udp("outgoing-datagram-stream", "send", outgoing, [{ data: new Uint8Array(1) }]), {
      name: "HostTrap",
    });
    assert.equal(guest.sendTo(outgoing, at("0.0.0.0", 9), "x"), "invalid-argument");
    assert.equal(guest.sendTo(outgoing, local(0), "x"), "invalid-argument");
    assert.equal(guest.sendTo(outgoing, local(port), "x".repeat(65_508)), "datagram-too-large");
    value(guest.udp("outgoing-datagram-stream", "check-send", outgoing));
    const mixed = [{ data: new Uint8Array(1), remoteAddress: local(port) }, { data: new Uint8Array(1) }];
    assert.equal(outcome(guest.udp("outgoing-datagram-stream", "send", outgoing, mixed)), 1n);
    guest.guest.context.resources.closeAll();
  });

  it("without leave to listen hears only those to whom it has spoken", async () => {
    const host = new TestHost();
    host.network = openNetwork({ outgoing: parseNetworkRules("!127.0.0.2,*"), listening: [] });
    const guest = started(host);
    const { incoming, outgoing, address } = await guest.bindUdp();
    const stranger = createSocket("udp4");
    await new Promise((resolve) => stranger.send("from a stranger", address.val.port, "127.0.0.1", resolve));
    stranger.close();
    guest.sendTo(outgoing, local(port), "hello");
    assert.deepEqual(await guest.receive(incoming), ["hello"]);
    assert.equal(guest.sendTo(outgoing, at("127.0.0.2", port), "x"), "access-denied");
    const chosen = guest.create("udp");
    assert.equal(outcome(guest.udp("udp-socket", "start-bind", chosen, guest.network, local(5353))), "access-denied");
    guest.guest.context.resources.closeAll();
  });
});

describe("wasi:sockets/ip-name-lookup", () => {
  const lookUp = async (guest: SocketGuest, name: string): Promise<unknown> => {
    const lookup = "wasi:sockets/ip-name-lookup@0.2.0";
    const found = await guest.guest.call<Promise<Result<number, string>>>(
      lookup,
      "resolve-addresses",
      guest.network,
      name,
    );
    if (found.tag === "err") return found.val;
    const next = (): unknown =>
      guest.guest.call<{ readonly val: unknown }>(
        lookup,
        "[method]resolve-address-stream.resolve-next-address",
        found.val,
      ).val;
    const addresses = [];
    for (let address = next(); address !== undefined; address = next()) addresses.push(address);
    return addresses;
  };

  it("records what it finds, and errors", async () => {
    const host = new TestHost();
    let asked = 0;
    host.network = {
      ...openNetwork(),
      lookup: (name) => {
        asked += 1;
        return openNetwork().lookup(name);
      },
    };
    const run = async (guest: SocketGuest): Promise<readonly unknown[]> => [
      await lookUp(guest, "127.0.0.1"),
      await lookUp(guest, "::1"),
      await lookUp(guest, ""),
      await lookUp(guest, "a b"),
      await lookUp(guest, "x".repeat(300)),
      await lookUp(guest, "localhost"),
    ];
    const live = started(host);
    const found = await run(live);
    assert.deepEqual(found.slice(0, 5), [
      [{ tag: "ipv4", val: [127, 0, 0, 1] }],
      [{ tag: "ipv6", val: [0, 0, 0, 0, 0, 0, 0, 1] }],
      "invalid-argument",
      "invalid-argument",
      "invalid-argument",
    ]);
    await live.guest.context.durable.commit();
    assert.deepEqual(await run(started(host)), found);
    assert.equal(asked, 6);
  });

  it("can be switched off", async () => {
    const host = new TestHost();
    host.network = openNetwork({ nameLookup: false });
    assert.equal(await lookUp(started(host), "localhost"), "access-denied");
  });
});
