import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "@bytecodealliance/jco";
import { ComponentError } from "../errors.ts";
import { decode } from "./decode.ts";
import type { ComponentDefinition, DecodedComponent, Initializer } from "./model.ts";

async function decodeText(text: string): Promise<DecodedComponent> {
  return decode(await parse(text));
}

function root(decoded: DecodedComponent): ComponentDefinition {
  const [definition] = decoded.definitions;
  assert.ok(definition);
  return definition;
}

function ofKind<K extends Initializer["kind"]>(
  definition: ComponentDefinition,
  kind: K,
): (Initializer & { kind: K })[] {
  return definition.initializers.filter((each): each is Initializer & { kind: K } => each.kind === kind);
}

async function failure(text: string): Promise<ComponentError> {
  const bytes = await parse(text);
  try {
    decode(bytes);
  } catch (error) {
    assert.ok(error instanceof ComponentError);
    return error;
  }
  return assert.fail("decoding succeeded");
}

test("decode gives lifted and lowered functions their resolved types and options", async () => {
  const definition = root(
    await decodeText(`(component
      (type $point (record (field "x" u32) (field "y" (option string))))
      (import "point" (type $p (eq $point)))
      (import "log" (func $log (param "text" string)))
      (core module $libc
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
      (core instance $libc (instantiate $libc))
      (core func $lowered (canon lower (func $log) (memory (core memory $libc "memory")) string-encoding=utf16))
      (core module $m
        (import "host" "log" (func (param i32 i32)))
        (func (export "run") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "post") (param i32)))
      (core instance $m (instantiate $m (with "host" (instance (export "log" (func $lowered))))))
      (func (export "run") (param "p" $p) (result (list u8))
        (canon lift (core func $m "run") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))
          (post-return (core func $m "post")))))`),
  );
  const point = {
    kind: "record",
    fields: [
      { name: "x", type: { kind: "u32" } },
      { name: "y", type: { kind: "option", some: { kind: "string" } } },
    ],
  };
  const [lift] = ofKind(definition, "lift");
  assert.deepEqual(lift?.type, {
    parameters: [{ name: "p", type: point }],
    result: { kind: "list", element: { kind: "u8" } },
  });
  assert.deepEqual(lift.options, { encoding: "utf8", memory: 1, realloc: 2, postReturn: 3 });
  const [lower] = ofKind(definition, "lower");
  assert.deepEqual(lower, {
    kind: "lower",
    function: 0,
    type: { parameters: [{ name: "text", type: { kind: "string" } }] },
    options: { encoding: "utf16", memory: 0 },
  });
  assert.deepEqual(
    definition.exports.map(({ name, item }) => ({ name, item })),
    [{ name: "run", item: { sort: "function", index: 1 } }],
  );
});

test("a resource has one variable whatever instance or alias it is reached through", async () => {
  const definition = root(
    await decodeText(`(component
      (import "wasi:io/poll@0.2.0" (instance $poll (export "pollable" (type (sub resource)))))
      (alias export $poll "pollable" (type $pollable))
      (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
        (alias outer 1 $pollable (type $p))
        (export "pollable" (type $p2 (eq $p)))
        (export "subscribe" (func (result (own $p2))))))
      (alias export $clock "subscribe" (func $subscribe))
      (core func (canon lower (func $subscribe)))
      (core func (canon resource.drop $pollable)))`),
  );
  assert.deepEqual(definition.resources, [
    { kind: "imported", path: ["wasi:io/poll@0.2.0", "pollable"], name: "pollable" },
  ]);
  assert.deepEqual(ofKind(definition, "lower")[0]?.type.result, { kind: "own", resource: 0 });
  assert.deepEqual(ofKind(definition, "resource-drop")[0]?.resource, 0);
  assert.deepEqual(definition.imports[1]?.type, {
    kind: "instance",
    exports: [
      { name: "pollable", type: { kind: "resource", resource: 0 } },
      {
        name: "subscribe",
        type: { kind: "function", type: { parameters: [], result: { kind: "own", resource: 0 } } },
      },
    ],
  });
});

test("an exported resource keeps its identity through a nested component that renames it", async () => {
  const definition = root(
    await decodeText(`(component
      (core module $m (func (export "dtor") (param i32)) (func (export "make") (result i32) unreachable))
      (core instance $m (instantiate $m))
      (type $cart (resource (rep i32) (dtor (core func $m "dtor"))))
      (func $make (result (own $cart)) (canon lift (core func $m "make")))
      (component $shim
        (import "import-cart" (type $c (sub resource)))
        (import "import-make" (func $make (result (own $c))))
        (export $e "cart" (type $c))
        (export "[constructor]cart" (func $make) (func (result (own $e)))))
      (instance $api (instantiate $shim (with "import-cart" (type $cart)) (with "import-make" (func $make))))
      (export "shop:it/api" (instance $api)))`),
  );
  assert.deepEqual(definition.resources, [{ kind: "defined", name: "cart" }]);
  assert.deepEqual(ofKind(definition, "resource"), [{ kind: "resource", resource: 0, destructor: 0 }]);
  assert.deepEqual(definition.exports[0]?.type, {
    kind: "instance",
    exports: [
      { name: "cart", type: { kind: "resource", resource: 0 } },
      {
        name: "[constructor]cart",
        type: { kind: "function", type: { parameters: [], result: { kind: "own", resource: 0 } } },
      },
    ],
  });
});

test("each instance of a component has resources of its own, found by path", async () => {
  const definition = root(
    await decodeText(`(component
      (component $c
        (type $r (resource (rep i32)))
        (instance $bag (export "r" (type $r)))
        (export "api" (instance $bag)))
      (instance $a (instantiate $c))
      (instance $b (instantiate $c))
      (alias export $b "api" (instance $api))
      (alias export $api "r" (type $r))
      (core func (canon resource.drop $r)))`),
  );
  assert.deepEqual(definition.resources, [
    { kind: "instance", instance: 0, path: ["api", "r"], name: "r" },
    { kind: "instance", instance: 1, path: ["api", "r"], name: "r" },
  ]);
  assert.equal(ofKind(definition, "resource-drop")[0]?.resource, 1);
});

test("outer aliases become captures at every level between", async () => {
  const decoded = await decodeText(`(component $outer
    (core module $unused)
    (core module $m)
    (component $shared)
    (component $middle
      (component $before)
      (component $inner
        (alias outer $outer $m (core module $m2))
        (alias outer $outer $shared (component $s))
        (core instance (instantiate $m2))
        (instance (instantiate $s)))))`);
  const [outer, , middle, before, inner] = decoded.definitions;
  assert.ok(outer && middle && before && inner);
  assert.deepEqual(ofKind(outer, "component").at(-1), {
    kind: "component",
    definition: 2,
    captures: [
      { sort: "core-module", index: 1 },
      { sort: "component", index: 0 },
    ],
  });
  assert.deepEqual(middle.initializers, [
    { kind: "component", definition: 3, captures: [] },
    { kind: "captured", sort: "core-module", capture: 0 },
    { kind: "captured", sort: "component", capture: 1 },
    {
      kind: "component",
      definition: 4,
      captures: [
        { sort: "core-module", index: 0 },
        { sort: "component", index: 1 },
      ],
    },
  ]);
  assert.deepEqual(inner.initializers, [
    { kind: "captured", sort: "core-module", capture: 0 },
    { kind: "captured", sort: "component", capture: 1 },
    { kind: "core-instantiate", module: 0, arguments: [] },
    { kind: "instantiate", component: 0, arguments: [] },
  ]);
});

test("types that are equal by index are the same object", async () => {
  const definition = root(
    await decodeText(`(component
      (type $e (enum "a" "b"))
      (import "e" (type $e2 (eq $e)))
      (import "f" (func (param "x" $e2) (param "y" (list $e2)))))`),
  );
  const type = definition.imports[1]?.type;
  assert.ok(type?.kind === "function");
  const [x, y] = type.type.parameters;
  assert.ok(y?.type.kind === "list");
  assert.equal(x?.type, y.type.element);
});

test("producers are read, and broken custom sections are ignored", async () => {
  const bytes = await parse(`(component (@producers (processed-by "tool" "1.0")))`);
  assert.deepEqual(decode(bytes).producers, [{ name: "processed-by", values: [{ name: "tool", version: "1.0" }] }]);
  const broken = new Uint8Array([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 0, 11, 9, ...Buffer.from("producers"), 200]);
  assert.deepEqual(decode(broken).producers, []);
});

const rejected: readonly (readonly [string, string, RegExp])[] = [
  ["core modules", `(module)`, /core module was given/],
  ["unknown functions", `(component (core module $m) (core instance (instantiate 1)))`, /unknown module 1/],
  ["duplicate import names", `(component (import "a" (func)) (import "A" (func)))`, /conflicts with previous name `a`/],
  ["names that are not kebab case", `(component (import "aB" (func)))`, /kebab case/],
  ["bad versions", `(component (import "a:b/c@1.x" (func)))`, /semantic version/],
  [
    "missing memory",
    `(component (import "f" (func $f (param "s" string))) (core func (canon lower (func $f))))`,
    /`memory` is required/,
  ],
  [
    "missing realloc",
    `(component (import "f" (func $f (result string))) (core module $m (memory (export "m") 1))
      (core instance $m (instantiate $m)) (core func (canon lower (func $f) (memory (core memory $m "m")))))`,
    /`realloc` is required/,
  ],
  [
    "wrong core signatures",
    `(component (core module $m (func (export "f") (param i32))) (core instance $m (instantiate $m))
      (func (param "x" u64) (canon lift (core func $m "f"))))`,
    /lowered parameter types `\[i64\]` do not match parameter types `\[i32\]`/,
  ],
  [
    "missing core imports",
    `(component (core module $m (import "a" "b" (func))) (core instance (instantiate $m)))`,
    /missing module instantiation argument named `a`/,
  ],
  [
    "arguments of other types",
    `(component (import "f" (func $f (param "x" u32))) (component $c (import "f" (func (param "x" s32))))
      (instance (instantiate $c (with "f" (func $f)))))`,
    /type mismatch for import `f`.*expected s32, found u32/,
  ],
  [
    "other resources",
    `(component (import "T" (type $T (sub resource))) (import "U" (type $U (sub resource)))
      (import "f" (func $f (param "x" (own $U))))
      (component $c (import "T" (type $T (sub resource))) (import "g" (func (param "x" (own $T)))))
      (instance (instantiate $c (with "T" (type $T)) (with "g" (func $f)))))`,
    /resource types are not the same/,
  ],
  [
    "resources that escape",
    `(component (type $r (resource (rep i32))) (component (alias outer 1 $r (type))))`,
    /transitively refers to resources/,
  ],
  [
    "types without a name outside",
    `(component (core module $m (func (export "f") (param i32))) (core instance $m (instantiate $m))
      (type $e (enum "a")) (func $f (param "e" $e) (canon lift (core func $m "f"))) (export "f" (func $f)))`,
    /func not valid to be used as export/,
  ],
  [
    "resource.new of imported resources",
    `(component (import "r" (type $r (sub resource))) (core func (canon resource.new $r)))`,
    /not a local resource/,
  ],
  [
    "borrowed results",
    `(component (import "r" (type $r (sub resource))) (type (func (result (borrow $r)))))`,
    /borrow/,
  ],
  [
    "methods without their resource",
    `(component (import "[method]a.b" (func (param "self" u32))))`,
    /should take a first argument of `\(borrow \$T\)`/,
  ],
];

for (const [what, text, message] of rejected) {
  test(`decode rejects ${what}, with the offset`, async () => {
    const error = await failure(text);
    assert.match(error.message, message);
    assert.equal(error.code, "invalid");
    assert.equal(typeof error.offset, "number");
  });
}

const unsupportedTexts: readonly (readonly [string, string])[] = [
  ["async functions", `(component (type (func async)))`],
  ["streams", `(component (type (stream u8)))`],
  ["futures", `(component (type (future u8)))`],
  ["error-context", `(component (type (list error-context)))`],
  ["async canonical built-ins", `(component (core func (canon task.cancel)))`],
];

for (const [what, text] of unsupportedTexts) {
  test(`decode says that ${what} are not supported`, async () => {
    const error = await failure(text);
    assert.equal(error.code, "unsupported");
    assert.match(error.message, new RegExp(`^not supported: ${what}`));
  });
}
