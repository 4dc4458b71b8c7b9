/** The registry has every function and resource of every interface in the SDK's WIT. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { serves } from "@emet/component";
import { TestHost } from "../../packages/server/src/host/context-for-tests.ts";
import { registry } from "../../packages/server/src/host/registry.ts";
import type { InterfaceTypes } from "../../tools/wit.ts";
import { exportedInterfaces, interfaceTypes } from "../../tools/wit.ts";

/** What the server lacks of an interface. */
function missing({ name, externs, resources }: InterfaceTypes): string[] {
  const functions = externs.filter(({ type }) => type.kind === "function").map((extern) => extern.name);
  const own = resources.filter((resource) => resource.own).map((resource) => resource.name);
  if (functions.length + own.length === 0) return [];
  const found = registry.find((item) => serves(item.name, name));
  if (found === undefined) return ["the whole interface"];
  const bound = found.bind(new TestHost().start().context, found.name);
  return [
    ...functions.filter((each) => !Object.hasOwn(bound.functions, each)),
    ...own.filter((each) => !Object.hasOwn(bound.resources, each)),
  ];
}

describe("registry", async () => {
  const interfaces = (await interfaceTypes()).filter(({ name }) => !exportedInterfaces.has(name));
  for (const item of interfaces) {
    test(item.name, () => assert.deepEqual(missing(item), []));
  }
});
