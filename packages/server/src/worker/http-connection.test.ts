import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HttpConnection } from "./http-connection.ts";
import type { HttpResponsePart } from "./http-parts.ts";
import { unacknowledgedBytesMax } from "./http-parts.ts";

const { signal } = new AbortController();

function opened(): { readonly connection: HttpConnection; readonly posted: HttpResponsePart[] } {
  const posted: HttpResponsePart[] = [];
  return { connection: new HttpConnection((part) => void posted.push(part)), posted };
}

function bytesOf(posted: readonly HttpResponsePart[]): string {
  return posted.map((part) => (part.kind === "data" ? Buffer.from(part.chunk).toString() : "")).join("");
}

describe("HttpConnection", () => {
  it("gives what has come of the request, and says so", () => {
    const { connection, posted } = opened();
    assert.equal(connection.bodyReady(), false);
    connection.receive({ kind: "data", chunk: Buffer.from("abc") });
    assert.deepEqual(connection.takeBody(2), { tag: "data", val: Buffer.from("ab") });
    connection.receive({ kind: "end", trailers: [] });
    assert.deepEqual(connection.takeBody(9), { tag: "end", val: { data: Buffer.from("c"), trailers: undefined } });
    assert.deepEqual(posted, [
      { kind: "taken", bytes: 2 },
      { kind: "taken", bytes: 1 },
    ]);
  });

  it("fails what a client that left has not sent", () => {
    const { connection } = opened();
    connection.receive({ kind: "data", chunk: Buffer.from("abc") });
    connection.receive({ kind: "gone" });
    assert.equal(connection.takeBody(9).tag, "data");
    assert.deepEqual(connection.takeBody(9), { tag: "failed", val: { tag: "connection-terminated", val: undefined } });
  });

  it("makes the guest wait until enough has reached the client, or until it left", async () => {
    for (const part of [{ kind: "sent", bytes: unacknowledgedBytesMax } as const, { kind: "gone" } as const]) {
      const { connection } = opened();
      connection.answer(200, []);
      let written = false;
      const writing = connection.write(new Uint8Array(unacknowledgedBytesMax + 1), signal).then(() => {
        written = true;
      });
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(written, false);
      connection.receive(part);
      await writing;
    }
  });

  it("doesn't send again what a run that was cut has sent", async () => {
    const { connection, posted } = opened();
    const headers = [["a", Buffer.from("1")]] as const;
    connection.answer(200, headers);
    await connection.write(Buffer.from("abc"), signal);
    connection.answer(200, headers);
    for (const chunk of ["a", "bcd", "e"]) await connection.write(Buffer.from(chunk), signal);
    assert.equal(bytesOf(posted), "abcde");
    assert.equal(posted.filter(({ kind }) => kind === "head").length, 1);
  });

  it("ends the client's connection when another run answers otherwise", () => {
    const { connection, posted } = opened();
    connection.answer(200, []);
    connection.answer(500, []);
    assert.equal(posted.at(-1)?.kind, "failed");
  });
});
