/** From a client's function name and JSON to records, and back. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { parse } from "@bytecodealliance/jco";
import type { Field, ValueType } from "@emet/component";
import type { ComponentImage, ExportedFunctionInfo } from "../component/component-image.ts";
import { decodeValue, encodeValue } from "../durability/codec/value-codec.ts";
import { imageForTests, testWorker } from "./guest-for-tests.ts";
import { encodeRequest, resultText } from "./invocation-json.ts";
import { invocationTarget } from "./invocation-target.ts";
import { parseArguments } from "./wave-arguments.ts";
import type { WorkerErrorData } from "./worker-error.ts";
import { WorkerError } from "./worker-error.ts";

const u64: ValueType = { kind: "u64" };
const cart = { kind: "own", resource: 0 } as const;
const self: Field = { name: "self", type: { kind: "borrow", resource: 0 } };
const api = "golem:it/api";
const urn = `urn:worker:${testWorker.componentId}/${testWorker.workerName}`;

const functions: readonly ExportedFunctionInfo[] = [
  { interface: undefined, name: "add", type: { parameters: [{ name: "n", type: u64 }], result: u64 } },
  {
    interface: undefined,
    name: "named",
    type: { parameters: [{ name: "r", type: { kind: "record", fields: [{ name: "value", type: u64 }] } }] },
  },
  {
    interface: api,
    name: "[constructor]cart",
    type: { parameters: [{ name: "user", type: { kind: "string" } }], result: cart },
  },
  { interface: api, name: "[method]cart.add", type: { parameters: [self, { name: "n", type: u64 }] } },
  { interface: api, name: "[static]cart.merge", type: { parameters: [{ name: "n", type: u64 }] } },
  { interface: api, name: "[resource-drop]cart", type: { parameters: [{ name: "self", type: cart }] } },
];

let image: ComponentImage;

before(async () => {
  image = { ...(await imageForTests(await parse("(component)"))), functions };
});

function refused(work: () => unknown): WorkerErrorData {
  try {
    work();
  } catch (error) {
    if (error instanceof WorkerError) return error.data;
    throw error;
  }
  throw new Error("it was accepted");
}

const request = (name: string, body: string): unknown => {
  const target = invocationTarget(image, name);
  return decodeValue(target.parametersType, encodeRequest(testWorker, target, body));
};

describe("invocationTarget()", () => {
  it("leaves out the handle of indexed calls, and the arguments of indexed constructors", () => {
    const names = (name: string): readonly string[] =>
      invocationTarget(image, name).parameters.map((parameter) => parameter.name);
    assert.deepEqual(names(`${api}.{cart.add}`), ["self", "n"]);
    assert.deepEqual(names(`${api}.{cart("a").add}`), ["n"]);
    assert.deepEqual(names(`${api}.{cart("a").new}`), []);
    assert.deepEqual(names(`${api}.{cart("a").drop}`), []);
    assert.deepEqual(names(`${api}.{cart.drop}`), ["self"]);
  });

  it("tells names that mean nothing from names that don't parse", () => {
    const cases = ["sub", `${api}.{order("a").get}`, `${api}.{cart("a").merge}`, `${api}.{cart.none}`];
    for (const name of cases) {
      const data = refused(() => invocationTarget(image, name));
      assert.ok(data.kind === "golem" && data.error.type === "InvalidRequest", name);
    }
    assert.equal(refused(() => invocationTarget(image, "a b")).kind, "bad-request");
  });
});

describe("encodeRequest()", () => {
  it("takes values plain, or wrapped with or without their type", () => {
    for (const body of [
      '{"params":[7]}',
      '{"params":[{"value":7}]}',
      '{"params":[{"typ":{"type":"U64"},"value":7}]}',
    ]) {
      assert.deepEqual(request("add", body), [7n]);
    }
    assert.deepEqual(request("named", '{"params":[{"value":7}]}'), [{ value: 7n }]);
    assert.deepEqual(request("named", '{"params":[{"typ":{},"value":{"value":7}}]}'), [{ value: 7n }]);
  });

  it("keeps all digits", () => {
    assert.deepEqual(request("add", '{"params":[18446744073709551615]}'), [2n ** 64n - 1n]);
  });

  it("takes handles of this worker only", () => {
    const drop = (text: string): unknown => request(`${api}.{cart.drop}`, JSON.stringify({ params: [text] }));
    assert.deepEqual(drop(`${urn}/3`), [3]);
    for (const text of [`${urn}/x`, `${urn}/-1`, urn, `${urn}0/3`, `urn:worker:other/${testWorker.workerName}/3`]) {
      assert.equal(refused(() => drop(text)).kind, "bad-request", text);
    }
  });

  it("says what is wrong with a body, and where", () => {
    const cases: readonly (readonly [body: string, message: RegExp])[] = [
      ["", /not JSON/u],
      ["[]", /"params"/u],
      ['{"params":{}}', /"params"/u],
      ['{"params":[]}', /add takes 1 parameters \(n\), 0 were given/u],
      ['{"params":["x"]}', /^params\[0\]: expected an integer/u],
      ['{"params":[18446744073709551616]}', /out of the range/u],
    ];
    for (const [body, message] of cases) {
      const data = refused(() => request("add", body));
      assert.ok(data.kind === "bad-request");
      assert.match(data.messages[0] ?? "", message);
    }
  });
});

describe("resultText()", () => {
  it("gives a tuple of the results with its type", () => {
    const target = invocationTarget(image, "add");
    assert.equal(
      resultText(testWorker, target, encodeValue(target.resultsType, [2n ** 64n - 1n])),
      '{"result":{"typ":{"type":"Tuple","items":[{"type":"U64"}]},"value":[18446744073709551615]}}',
    );
    const nothing = invocationTarget(image, "named");
    assert.equal(
      resultText(testWorker, nothing, encodeValue(nothing.resultsType, [])),
      '{"result":{"typ":{"type":"Tuple","items":[]},"value":[]}}',
    );
  });

  it("names resources by their ids", () => {
    const target = invocationTarget(image, `${api}.{cart.new}`);
    const text = resultText(testWorker, target, encodeValue(target.resultsType, [4]));
    assert.match(text, new RegExp(`"value":\\["${urn}/4"\\]`, "u"));
  });
});

describe("parseArguments()", () => {
  it("reads the arguments of a constructor, and says what is wrong with them", () => {
    const parameters: readonly Field[] = [
      { name: "user", type: { kind: "string" } },
      { name: "n", type: u64 },
    ];
    assert.deepEqual(parseArguments(parameters, '"a", 7'), ["a", 7n]);
    assert.deepEqual(parseArguments([], ""), []);
    for (const text of ["", '"a"', '"a", 7, 8', "a, 7", '"a", 7) (']) {
      assert.equal(refused(() => parseArguments(parameters, text)).kind, "bad-request", text);
    }
  });
});
