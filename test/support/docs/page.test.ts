import assert from "node:assert/strict";
import { test } from "node:test";
import { linksOf, outputPattern, stepsOf } from "./page.ts";

const markdown = [
  "# Page",
  "```ts file=examples/a/a.ts",
  "let a;",
  "```",
  "```sh",
  "emet start",
  "```",
  "prints [what](other.md#part) you see:",
  "```text",
  "…",
  "```",
  "```json",
  "[not](run)",
  "```",
].join("\n");

test("stepsOf() takes what is typed, printed and saved", () => {
  assert.deepEqual(
    stepsOf(markdown).map(({ kind, text, line }) => [kind, text, line]),
    [
      ["file", "let a;\n", 2],
      ["commands", "emet start\n", 5],
      ["output", "…\n", 9],
    ],
  );
});

test("linksOf() takes links of the prose", () => {
  assert.deepEqual(linksOf(markdown), ["other.md#part"]);
});

test("outputPattern() lets … stand for a part of a line, or for lines", () => {
  assert.match("a 12 b\n", outputPattern("a … b\n"));
  assert.doesNotMatch("a\nb\n", outputPattern("a…b"));
  assert.match("a\nx\ny\nb\n", outputPattern("a\n…\nb\n"));
  assert.match("a\nb\n", outputPattern("a\n…\nb\n"));
  assert.doesNotMatch("a\nc\n", outputPattern("a\n…\nb\n"));
  assert.doesNotMatch("a.\n", outputPattern("ab\n"));
});
