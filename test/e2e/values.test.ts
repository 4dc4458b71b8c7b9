/** Values on the wire (spec/service.md §4): what goes in comes out, exactly, live and after a crash. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { asyncProperty, assert as assertProperty, string } from "fast-check";
import { Client } from "../support/client.ts";
import type { WorkerClient } from "../support/client.ts";
import { moduleGuest } from "../support/guests.ts";
import { TestServer } from "../support/server.ts";

const everything = {
  flag: true,
  a: 255,
  b: -128,
  c: 65_535,
  d: -32_768,
  e: 4_294_967_295,
  f: -2_147_483_648,
  g: 1,
  h: -1,
  i: 1.5,
  j: 0.1,
  letter: 128_512,
  text: "Grüße, 世界 \u{1F600}\n",
  bytes: [0, 127, 255],
  words: [1, 2, 3],
  items: [{ "product-id": "G1000", price: 100, quantity: 5 }],
  pair: ["counter1", 5],
  shape: { circle: 1.5 },
  color: "dark-green",
  permissions: ["read", "run-it"],
  maybe: "yes",
  nested: 7,
  outcome: { ok: 4 },
  ended: { err: null },
  failed: { err: "no" },
};

describe("values", () => {
  let server: TestServer;
  let client: Client;
  let componentId: string;
  let worker: WorkerClient;

  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    componentId = await client.upload("echo", await moduleGuest("echo"));
    worker = client.worker(componentId, "values");
  });
  after(() => server[Symbol.asyncDispose]());

  /** Bodies as text: numbers beyond 2^53 don't survive JSON.parse. */
  async function callRaw(name: string, body: string, key: string = crypto.randomUUID()): Promise<[number, string]> {
    const functionName = encodeURIComponent(`test:echo/api.{${name}}`);
    const response = await fetch(`${server.url}${worker.path}/invoke-and-await?function=${functionName}`, {
      method: "POST",
      body,
      headers: { "idempotency-key": key },
    });
    return [response.status, await response.text()];
  }

  async function mistakes(name: string, body: string): Promise<readonly string[]> {
    const [status, text] = await callRaw(name, body);
    assert.equal(status, 400, text);
    const { errors } = JSON.parse(text) as { readonly errors: readonly string[] };
    assert.ok(errors.length > 0 && errors.every((error) => typeof error === "string"));
    return errors;
  }

  test("every type goes in and out, plain and wrapped in typ and value", async () => {
    assert.deepEqual(await worker.invoke("test:echo/api.{echo}", [everything]), everything);
    const wrapped = { typ: { type: "Record", fields: [] }, value: everything };
    assert.deepEqual(await worker.invoke("test:echo/api.{echo}", [wrapped]), everything);
    const others = {
      ...everything,
      shape: { none: null },
      permissions: [],
      maybe: null,
      nested: null,
      outcome: { err: "bad" },
      ended: { ok: null },
      failed: { ok: null },
    };
    assert.deepEqual(await worker.invoke("test:echo/api.{echo}", [others]), others);
    await server.restart();
    assert.deepEqual(await worker.invoke("test:echo/api.{echo}", [others]), others);
  });

  test("fields of option type may be left out", async () => {
    const { maybe: _maybe, nested: _nested, ...rest } = everything;
    assert.deepEqual(await worker.invoke("test:echo/api.{echo}", [rest]), {
      ...rest,
      maybe: null,
      nested: null,
    });
  });

  test("the reply gives the result's type", async () => {
    assert.deepEqual((await worker.invokeRaw("test:echo/api.{u64}", [5])).body, {
      result: { typ: { type: "Tuple", items: [{ type: "U64" }] }, value: [5] },
    });
    assert.deepEqual((await worker.invokeRaw("test:echo/api.{nothing}")).body, {
      result: { typ: { type: "Tuple", items: [] }, value: [] },
    });
  });

  test("64-bit integers are exact both ways, also when read back by their key", async () => {
    const cases = [
      ["u64", "0"],
      ["u64", "18446744073709551615"],
      ["u64", "9007199254740993"],
      ["s64", "-9223372036854775808"],
      ["s64", "9223372036854775807"],
    ] as const;
    for (const [name, number] of cases) {
      const [, text] = await callRaw(name, `{"params":[${number}]}`, `exact-${name}-${number}`);
      assert.match(text, new RegExp(`"value":\\[${number}\\]`, "u"));
    }
    const list = JSON.stringify({ params: [everything] }).replace('"words":[1,2,3]', '"words":[18446744073709551615]');
    assert.match((await callRaw("echo", list))[1], /"words":\[18446744073709551615\]/u);
    await server.restart();
    for (const [name, number] of cases) {
      const [, text] = await callRaw(name, "not even read", `exact-${name}-${number}`);
      assert.match(text, new RegExp(`"value":\\[${number}\\]`, "u"));
    }
  });

  test("floats: fractions are exact, what JSON can't say comes out as null", async () => {
    for (const value of [0.1, -1.5e300, 5e-324, 1e21]) {
      assert.equal(await worker.invoke("test:echo/api.{f64}", [value]), value);
    }
    assert.equal(await worker.invoke("test:echo/api.{f32}", [0.5]), 0.5);
    assert.deepEqual(await worker.invoke("test:echo/api.{endless}"), [null, null]);
    for (const number of ["1e999", "-1e999", '"NaN"', "null"]) await mistakes("f64", `{"params":[${number}]}`);
  });

  test("values and strings beyond the inline payload size", async () => {
    const text = "abcdefghij".repeat(20_000);
    assert.equal(await worker.invoke("test:echo/api.{text}", [text], "big-text"), text);
    const bytes = Array.from({ length: 100_000 }, (_, index) => index % 256);
    assert.deepEqual(await worker.invoke("test:echo/api.{bytes}", [bytes], "big-bytes"), bytes);
    await server.restart();
    assert.equal(await worker.invoke("test:echo/api.{text}", [""], "big-text"), text);
    assert.deepEqual(await worker.invoke("test:echo/api.{bytes}", [[1]], "big-bytes"), bytes);
    assert.equal(await worker.invoke("test:echo/api.{text}", ["short"]), "short");
  });

  test("any text survives", async () => {
    await assertProperty(
      asyncProperty(string({ unit: "binary" }), async (text) => {
        assert.equal(await worker.invoke("test:echo/api.{text}", [text]), text.toWellFormed());
      }),
      { numRuns: 30 },
    );
  });

  test("values that don't fit are refused with their place, and change nothing", async () => {
    const cases = [
      ["u64", '{"params":[18446744073709551616]}', "params[0]"],
      ["u64", '{"params":[-1]}', "params[0]"],
      ["u64", '{"params":[1.5]}', "params[0]"],
      ["u64", '{"params":["1"]}', "params[0]"],
      ["u64", '{"params":[null]}', "params[0]"],
      ["char", '{"params":[55296]}', "params[0]"],
      ["char", '{"params":["a"]}', "params[0]"],
      ["text", '{"params":[7]}', "params[0]"],
      ["bytes", '{"params":[[0,256]]}', "params[0][1]"],
      ["echo", '{"params":[{}]}', 'field "flag"'],
      ["echo", JSON.stringify({ params: [{ ...everything, color: "pink" }] }), "params[0].color"],
      ["echo", JSON.stringify({ params: [{ ...everything, permissions: ["fly"] }] }), "params[0].permissions[0]"],
      ["echo", JSON.stringify({ params: [{ ...everything, shape: { circle: 1, none: null } }] }), "params[0].shape"],
      ["echo", JSON.stringify({ params: [{ ...everything, pair: ["a"] }] }), "params[0].pair"],
    ] as const;
    for (const [name, body, place] of cases) {
      const [error = ""] = await mistakes(name, body);
      assert.ok(error.includes(place), `${body}: ${error}`);
    }
  });

  test("bodies that aren't invocations are refused", async () => {
    for (const body of ["", "{", "[]", "null", "7", '{"params":{}}', '{"params":null}', "{}"]) {
      assert.equal((await mistakes("u64", body)).length, 1, body);
    }
    // Other fields are ignored.
    assert.equal((await callRaw("u64", '{"params":[1],"other":2}'))[0], 200);
  });

  test("the number of parameters must fit", async () => {
    assert.match((await mistakes("u64", '{"params":[]}')).join(), /takes 1 parameters/u);
    assert.match((await mistakes("u64", '{"params":[1,2]}')).join(), /takes 1 parameters/u);
  });

  test("function names: root functions, interfaces, and names that are none", async () => {
    assert.equal(await worker.invoke("twice", [21]), 42);
    assert.equal(await worker.invoke("golem:component.{twice}", [21]), 42);
    for (const name of ["", "{", "test:echo/api.{", "test:echo/api.{a b}", "a.b.c", "test:echo/api{u64}"]) {
      const reply = await worker.invokeRaw(name, [1]);
      assert.equal(reply.status, 400, `${name}: ${JSON.stringify(reply.body)}`);
    }
    for (const name of ["test:echo/api.{missing}", "missing", "test:other/api.{u64}"]) {
      const { status, body } = await worker.invokeRaw(name, [1]);
      assert.equal(status, 500);
      const { golemError } = body as { readonly golemError: { readonly type: string; readonly details: string } };
      assert.equal(golemError.type, "InvalidRequest");
      assert.match(golemError.details, /could not load function/u);
    }
    assert.equal(await worker.invoke("test:echo/api.{add}", [1, 2]), 3);
  });

  test("without a function name: 400", async () => {
    const reply = await client.send("POST", `${worker.path}/invoke-and-await`, { params: [] });
    assert.equal(reply.status, 400);
  });
});
