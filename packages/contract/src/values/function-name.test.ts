import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { FunctionNameError, parseFunctionName } from "./function-name.ts";

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(-[a-z][a-z0-9]{0,4}){0,2}$/);
const argumentsText = fc.stringMatching(/^[a-z0-9", .(){}:]{0,20}$/);

describe("parseFunctionName()", () => {
  const api = "golem:it/api";
  const cart = "cart";
  const cases: readonly (readonly [text: string, inInterface: string | undefined, reference: object])[] = [
    ["run", undefined, { kind: "function", name: "run" }],
    ["api.{run}", "api", { kind: "function", name: "run" }],
    ["golem:it/api.{add-item}", api, { kind: "function", name: "add-item" }],
    ["wasi:cli/run@0.2.0.{run}", "wasi:cli/run@0.2.0", { kind: "function", name: "run" }],
    ["a:b/c@1.0.0-rc.1+x.{f}", "a:b/c@1.0.0-rc.1+x", { kind: "function", name: "f" }],
    ["golem:component.{run}", undefined, { kind: "function", name: "run" }],
    ["golem:it/api.{cart.new}", api, { kind: "constructor", resource: cart }],
    ["golem:it/api.{[constructor]cart}", api, { kind: "constructor", resource: cart }],
    ["golem:it/api.{cart.add-item}", api, { kind: "method", resource: cart, name: "add-item" }],
    ["golem:it/api.{[method]cart.add-item}", api, { kind: "method", resource: cart, name: "add-item" }],
    ["golem:it/api.{[static]cart.merge}", api, { kind: "static", resource: cart, name: "merge" }],
    ["golem:it/api.{cart.drop}", api, { kind: "drop", resource: cart }],
    ["golem:it/api.{[drop]cart}", api, { kind: "drop", resource: cart }],
    ["golem:it/api.{[resource-drop]cart}", api, { kind: "drop", resource: cart }],
    ['golem:it/api.{cart("user-1").new}', api, { kind: "constructor", resource: cart, arguments: '"user-1"' }],
    ['golem:it/api.{cart("a).b(").get}', api, { kind: "method", resource: cart, name: "get", arguments: '"a).b("' }],
    ["golem:it/api.{cart().drop}", api, { kind: "drop", resource: cart, arguments: "" }],
  ];
  for (const [text, inInterface, reference] of cases) {
    it(`reads ${text}`, () => {
      assert.deepEqual(parseFunctionName(text), { interface: inInterface, function: reference });
    });
  }

  for (const text of [
    "",
    "1run",
    "run-",
    "run now",
    "{run}",
    "api{run}",
    "api.{}",
    "api.{run",
    "api.run}",
    "api.{run}x",
    "api.{a.b.c}",
    "api.{cart(1.get}",
    "api.{[constructor]cart.x}",
    "api.{[method]cart}",
    "api.{[other]cart.x}",
    "golem:.{run}",
    "golem:it/api@.{run}",
  ]) {
    it(`refuses "${text}"`, () => {
      assert.throws(() => parseFunctionName(text), FunctionNameError);
    });
  }

  it("reads back any method name with arguments", () => {
    fc.assert(
      fc.property(label, label, label, argumentsText, (inInterface, resource, name, text) => {
        fc.pre(name !== "new" && name !== "drop");
        const parsed = parseFunctionName(`${inInterface}.{${resource}(${text}).${name}}`);
        assert.deepEqual(parsed.function, { kind: "method", resource, name, arguments: text });
      }),
    );
  });

  it("gives a name or FunctionNameError for any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseFunctionName(text);
        } catch (error) {
          assert.ok(error instanceof FunctionNameError);
        }
      }),
    );
  });
});
