import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { addressText, parseAddress, socketAddress } from "./address.ts";
import type { IpAddress, IpSocketAddress } from "./address.ts";
import { allowsListening, allowsOutgoing, defaultOutgoingRules, parseNetworkRules } from "./policy.ts";

function at(text: string, port: number): IpSocketAddress {
  const address = parseAddress(text);
  assert.ok(address !== undefined, text);
  return socketAddress(address, port);
}

const reaches = (rules: string, text: string, port = 80, transport: "tcp" | "udp" = "tcp"): boolean =>
  allowsOutgoing({ outgoing: parseNetworkRules(rules) }, transport, at(text, port));

describe("parseAddress", () => {
  it("reads all forms, and nothing else", () => {
    assert.deepEqual(parseAddress("192.0.2.7"), { tag: "ipv4", val: [192, 0, 2, 7] });
    assert.deepEqual(parseAddress("::"), { tag: "ipv6", val: [0, 0, 0, 0, 0, 0, 0, 0] });
    assert.deepEqual(parseAddress("2001:db8::1:2"), { tag: "ipv6", val: [0x2001, 0xdb8, 0, 0, 0, 0, 1, 2] });
    assert.deepEqual(parseAddress("1:2:3:4:5:6:7::"), { tag: "ipv6", val: [1, 2, 3, 4, 5, 6, 7, 0] });
    assert.deepEqual(parseAddress("::ffff:192.0.2.7"), { tag: "ipv6", val: [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x207] });
    assert.deepEqual(parseAddress("fe80::1%eth0"), { tag: "ipv6", val: [0xfe80, 0, 0, 0, 0, 0, 0, 1] });
    for (const text of ["", "1.2.3", "1.2.3.256", "1:2", "::1::", "golem.cloud"])
      assert.equal(parseAddress(text), undefined);
  });

  it("reads what addressText wrote", () => {
    const byte = fc.nat(255);
    const group = fc.nat(65_535);
    const addresses: fc.Arbitrary<IpAddress> = fc.oneof(
      fc.tuple(byte, byte, byte, byte).map((val) => ({ tag: "ipv4" as const, val })),
      fc.tuple(group, group, group, group, group, group, group, group).map((val) => ({ tag: "ipv6" as const, val })),
    );
    fc.assert(fc.property(addresses, (address) => assert.deepEqual(parseAddress(addressText(address)), address)));
  });
});

describe("allowsOutgoing", () => {
  it("goes by the first rule that fits, and refuses what none fits", () => {
    const rules = "!10.1.0.0/16, 10.0.0.0/8:5432, tcp://[2001:db8::/33]:80-90, udp://*:53";
    assert.ok(reaches(rules, "10.2.0.1", 5432));
    assert.ok(!reaches(rules, "10.1.2.3", 5432));
    assert.ok(!reaches(rules, "10.2.0.1", 5433));
    assert.ok(reaches(rules, "2001:db8:7fff::1", 90));
    assert.ok(!reaches(rules, "2001:db8:8000::1", 90));
    assert.ok(!reaches(rules, "2001:db8::1", 80, "udp"));
    assert.ok(reaches(rules, "192.0.2.1", 53, "udp"));
    assert.ok(!reaches("", "192.0.2.1"));
  });

  it("by default keeps guests from what only the machine should ask", () => {
    assert.ok(reaches(defaultOutgoingRules, "192.0.2.1"));
    assert.ok(reaches(defaultOutgoingRules, "2001:db8::1"));
    for (const text of ["169.254.169.254", "fe80::1", "fd00:ec2::254", "100.100.100.200"]) {
      assert.ok(!reaches(defaultOutgoingRules, text), text);
    }
  });

  it("isn't tricked by other forms of an address", () => {
    for (const text of ["::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "::ffff:a9fe:a9fe"]) {
      assert.ok(!reaches(defaultOutgoingRules, text), text);
    }
    assert.ok(!reaches("!127.0.0.0/8,*", "0.0.0.0"));
    assert.ok(!reaches("![::1],*", "::"));
  });
});

describe("allowsListening", () => {
  it("goes by address and port of this machine", () => {
    const policy = { listening: parseNetworkRules("127.0.0.1:8000-8010") };
    assert.ok(allowsListening(policy, "tcp", at("127.0.0.1", 8010)));
    assert.ok(!allowsListening(policy, "tcp", at("0.0.0.0", 8010)));
    assert.ok(!allowsListening(policy, "tcp", at("127.0.0.1", 0)));
    assert.ok(!allowsListening({ listening: [] }, "udp", at("127.0.0.1", 8000)));
  });
});

describe("parseNetworkRules", () => {
  it("names the rule that is wrong", () => {
    for (const rule of [
      "example.com",
      "1.2.3.4/33",
      "[::1]/64",
      "*:70000",
      "*:9-8",
      "1.2.3",
      "[::1",
      "ftp://*",
      "1.2.3.4/x",
    ]) {
      assert.throws(() => parseNetworkRules(`*,${rule}`), {
        name: "TypeError",
        message: new RegExp(rule.slice(0, 3).replaceAll(/[*[.]/gu, "\\$&"), "u"),
      });
    }
  });
});
