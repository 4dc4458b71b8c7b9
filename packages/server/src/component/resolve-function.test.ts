import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseFunctionName } from "@emet/contract";
import { resolveFunction } from "./resolve-function.ts";

const type = { parameters: [] };
const functions = [
  { interface: undefined, name: "run", type },
  { interface: "golem:it/api", name: "add", type },
  { interface: "golem:it/api", name: "[constructor]cart", type },
  { interface: "golem:it/api", name: "[method]cart.get", type },
  { interface: "golem:it/api", name: "[static]cart.get", type },
  { interface: "golem:it/api", name: "[static]cart.merge", type },
  { interface: "golem:it/api", name: "[resource-drop]cart", type },
  { interface: "wasi:cli/run@0.2.0", name: "run", type },
];

describe("resolveFunction()", () => {
  const names: readonly (readonly [asked: string, found: string | undefined])[] = [
    ["run", "run"],
    ["golem:component.{run}", "run"],
    ["add", undefined],
    ["golem:it/api.{add}", "add"],
    ["golem:it/api.{run}", undefined],
    ["golem:it/api@1.0.0.{add}", undefined],
    ["golem:it/api.{cart.new}", "[constructor]cart"],
    ["golem:it/api.{[constructor]cart}", "[constructor]cart"],
    ["golem:it/api.{cart.get}", "[method]cart.get"],
    ["golem:it/api.{[static]cart.get}", "[static]cart.get"],
    ["golem:it/api.{cart.merge}", "[static]cart.merge"],
    ["golem:it/api.{cart.drop}", "[resource-drop]cart"],
    ["golem:it/api.{[drop]cart}", "[resource-drop]cart"],
    ["golem:it/api.{order.get}", undefined],
    ["wasi:cli/run@0.2.0.{run}", "run"],
    ["wasi:cli/run.{run}", "run"],
    ["wasi:cli/run@0.2.12.{run}", "run"],
    ["wasi:cli/run@0.3.0.{run}", undefined],
  ];
  for (const [asked, found] of names) {
    it(`finds ${found ?? "nothing"} for ${asked}`, () => {
      assert.equal(resolveFunction(functions, parseFunctionName(asked))?.name, found);
    });
  }
});
