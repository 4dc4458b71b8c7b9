import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "@bytecodealliance/jco";
import { ComponentError } from "./errors.ts";
import { prepareComponent } from "./prepare.ts";

test("prepareComponent rewrites equal modules once", async () => {
  const bytes = await parse(`(component
    (core module (func (export "a")))
    (core module (func (export "b")))
    (component (core module (func (export "a")))))`);
  const { decoded, modules } = prepareComponent(bytes);
  assert.equal(decoded.coreModules.length, 3);
  assert.equal(modules[0], modules[2]);
  assert.notEqual(modules[0], modules[1]);
});

test("prepareComponent gives offsets in the component", async () => {
  const bytes = await parse(`(component (core module (memory 5)))`);
  assert.throws(
    () => prepareComponent(bytes, { maximumPages: 4 }),
    (error) => error instanceof ComponentError && (error.offset ?? 0) > 8 && /5 pages/.test(error.message),
  );
});
