import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { Origins } from "./origins.ts";

function request(origin: string | undefined): IncomingMessage {
  const headers = { host: "127.0.0.1:9881", ...(origin === undefined ? {} : { origin }) };
  return { headers } as unknown as IncomingMessage;
}

describe("Origins", () => {
  const verdicts: readonly (readonly [allowed: string, origin: string | undefined, verdict: string])[] = [
    ["", undefined, "none"],
    ["", "http://127.0.0.1:9881", "same"],
    ["", "http://127.0.0.1:9882", "refused"],
    ["", "http://localhost:9881", "refused"],
    ["", "null", "refused"],
    ["", "nonsense", "refused"],
    ["http://a.example, https://b.example/", "https://b.example", "allowed"],
    ["http://a.example, https://b.example/", "http://b.example", "refused"],
    ["*", "null", "allowed"],
  ];
  for (const [allowed, origin, verdict] of verdicts) {
    it(`with "${allowed}" says of ${origin ?? "no origin"}: ${verdict}`, () => {
      assert.equal(new Origins(allowed).verdict(request(origin)), verdict);
    });
  }
});
