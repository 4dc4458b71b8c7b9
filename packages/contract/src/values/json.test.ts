import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { formatJson, formatMarked, parseJson, parseMarked } from "./json.ts";

const document = fc.letrec((tie) => ({
  any: fc.oneof(
    fc.string(),
    fc.bigInt({ min: 2n ** 60n, max: 2n ** 64n }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
    fc.constantFrom(null, true, "123456789012345678", '"\\'),
    fc.array(tie("any"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("any"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).any;

describe("parseMarked() and formatMarked()", () => {
  it("do what the engine does where it knows the sources of numbers", () => {
    fc.assert(
      fc.property(document, (value) => {
        const text = formatJson(value);
        assert.equal(formatMarked(value), text);
        assert.deepEqual(parseMarked(text), parseJson(text));
      }),
    );
  });

  it("refuse what is no JSON", () => {
    for (const text of ["", "{", "[12345678901234567890,]", '{"a" 1}', "012345678901234567890"]) {
      assert.throws(() => parseMarked(text), SyntaxError);
    }
  });
});
