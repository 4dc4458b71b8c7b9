import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ComponentJson, FunctionJson, TypeJson } from "@emet/contract/client";
import { CommandError } from "./failure.ts";
import { exportTexts, findFunction, signatureOf } from "./functions.ts";
import { readArguments, readJsonArguments, valueText, waveResults } from "./invocation-values.ts";

const u32: TypeJson = { type: "U32" };
const text: TypeJson = { type: "Str" };
const cart: TypeJson = { type: "Handle", resource_id: 4, mode: "Borrowed" };
const item: TypeJson = {
  type: "Record",
  fields: [
    { name: "id", typ: text },
    { name: "qty", typ: u32 },
  ],
};

function func(name: string, parameters: readonly (readonly [string, TypeJson])[], result?: TypeJson): FunctionJson {
  return {
    name,
    parameters: parameters.map(([parameter, typ]) => ({ name: parameter, typ })),
    results: result === undefined ? [] : [{ name: null, typ: result }],
  };
}

const component = {
  componentName: "cart",
  metadata: {
    exports: [
      { type: "Function", ...func("run", []) },
      {
        type: "Instance",
        name: "golem:it/api",
        functions: [func("add-item", [["item", item]]), func("total", [], u32)],
      },
      {
        type: "Instance",
        name: "golem:it/carts@1.2.0",
        functions: [
          func("[constructor]cart", [["user", text]], { type: "Handle", resource_id: 4, mode: "Owned" }),
          func("[method]cart.add-item", [
            ["self", cart],
            ["item", item],
          ]),
          func("[static]cart.merge", [["count", u32]]),
          func("total", [], u32),
        ],
      },
    ],
  },
} as unknown as ComponentJson;

function mistake(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof CommandError);
    assert.equal(error.exitCode, 2);
    return error.message;
  }
  throw new Error("no mistake was found");
}

describe("findFunction()", () => {
  const names: readonly (readonly [given: string, found: string])[] = [
    ["run", "run"],
    ["golem:component.{run}", "run"],
    ["add-item", "golem:it/api.{add-item}"],
    ["addItem", "golem:it/api.{add-item}"],
    ["add_item", "golem:it/api.{add-item}"],
    ["api.add-item", "golem:it/api.{add-item}"],
    ["api.{add-item}", "golem:it/api.{add-item}"],
    ["golem:it/api.{add-item}", "golem:it/api.{add-item}"],
    ["golem:it/api/add-item", "golem:it/api.{add-item}"],
    ["api.total", "golem:it/api.{total}"],
    ["golem:it/carts@1.2.0.{total}", "golem:it/carts@1.2.0.{total}"],
    ["golem:it/carts.total", "golem:it/carts@1.2.0.{total}"],
    ["cart.new", "golem:it/carts@1.2.0.{[constructor]cart}"],
    ["[method]cart.add-item", "golem:it/carts@1.2.0.{[method]cart.add-item}"],
    ["carts.{cart.add-item}", "golem:it/carts@1.2.0.{[method]cart.add-item}"],
    ["cart.merge", "golem:it/carts@1.2.0.{[static]cart.merge}"],
    ["cart.drop", "golem:it/carts@1.2.0.{[drop]cart}"],
    ['cart("anna").add-item', 'golem:it/carts@1.2.0.{cart("anna").add-item}'],
    ['carts.{cart("a(b)").drop}', 'golem:it/carts@1.2.0.{cart("a(b)").drop}'],
  ];
  for (const [given, found] of names) {
    it(`takes ${given} for ${found}`, () => {
      assert.equal(findFunction(component, given).fullName, found);
    });
  }

  it("leaves the handle of an indexed resource to the server", () => {
    assert.deepEqual(
      findFunction(component, 'cart("anna").add-item').parameters.map(({ name }) => name),
      ["item"],
    );
    assert.equal(findFunction(component, "cart.add-item").parameters.length, 2);
  });

  it("answers mistakes with the nearest name and its types", () => {
    const message = mistake(() => findFunction(component, "add-itm"));
    assert.equal(message, 'no function "add-itm"; did you mean add-item(item: {id: string, qty: u32})?');
    assert.match(
      mistake(() => findFunction(component, "frobnicate")),
      /there are:\n {2}run\(\)\n/u,
    );
    const several = mistake(() => findFunction(component, "total"));
    assert.match(
      several,
      /several functions of cart:\n {2}golem:it\/api\.\{total\}\n {2}golem:it\/carts@1\.2\.0\.\{total\}/u,
    );
  });

  it("writes signatures with the names of resources", () => {
    assert.equal(
      signatureOf(findFunction(component, "cart.add-item")),
      "cart.add-item(self: borrow<cart>, item: {id: string, qty: u32})",
    );
    assert.equal(exportTexts(component)[2], "golem:it/api.{total}() -> u32");
  });
});

describe("readArguments()", () => {
  const add = findFunction(component, "add-item");

  it("reads WAVE by type", () => {
    assert.deepEqual(readArguments(add, ['{id: "a", qty: 2}']), [{ typ: item, value: { id: "a", qty: 2 } }]);
    assert.deepEqual(readArguments(findFunction(component, "cart.new"), ["anna"]), [{ typ: text, value: "anna" }]);
    assert.deepEqual(readArguments(findFunction(component, "cart.new"), ['"a\\n"']), [{ typ: text, value: "a\n" }]);
  });

  it("says which argument is wrong, what is expected, and where the text breaks", () => {
    assert.equal(
      mistake(() => readArguments(add, ['{id: "a", qty: -2}'])),
      'argument 1 (item: {id: string, qty: u32}): -2 is out of the range of u32 at position 15\n  {id: "a", qty: -2}\n                 ^',
    );
    assert.equal(
      mistake(() => readArguments(add, [])),
      "add-item takes 1 argument, not 0: add-item(item: {id: string, qty: u32})",
    );
  });

  it("reads JSON arrays", () => {
    assert.deepEqual(readJsonArguments(add, '[{"id":"a","qty":2}]'), [{ id: "a", qty: 2 }]);
    assert.match(
      mistake(() => readJsonArguments(add, "{}")),
      /must be a JSON array/u,
    );
    assert.match(
      mistake(() => readJsonArguments(add, "[")),
      /--params/u,
    );
  });
});

describe("waveResults()", () => {
  it("writes each result", () => {
    assert.deepEqual(waveResults({ typ: { type: "Tuple", items: [item] }, value: [{ id: "a", qty: 2 }] }), [
      '{id: "a", qty: 2}',
    ]);
    assert.deepEqual(waveResults({ typ: { type: "Tuple", items: [] }, value: [] }), []);
    assert.deepEqual(waveResults({ typ: { type: "Tuple", items: [{ type: "F64" }] }, value: [null] }), ["nan"]);
  });

  it("leaves handles to JSON", () => {
    assert.equal(waveResults({ typ: { type: "Tuple", items: [cart] }, value: ["urn:worker:c/w/1"] }), undefined);
    assert.equal(valueText({ typ: cart, value: "urn:worker:c/w/1" }), '"urn:worker:c/w/1"');
  });
});
