/** wasi:filesystem and the streams of its files: the tree is the same after every crash, times too. */
import assert from "node:assert/strict";
import { threeWays } from "../support/three-ways.ts";

/** What is remembered has exactly these paths. */
function paths(...expected: readonly string[]): (observed: unknown) => void {
  return (observed) => {
    assert.ok(Array.isArray(observed));
    const found = observed.map(String).filter((line) => line.startsWith("./"));
    assert.deepEqual(
      found.map((line) => line.split(" ")[0]),
      expected,
    );
  };
}

threeWays("files", {
  "makes, links, moves and removes": {
    call: "tree",
    expected: [
      "b directory,file regular-file,link symbolic-link",
      "file",
      "same true false",
      "first",
      "a directory",
      "hard regular-file,moved regular-file",
    ],
    remembered: paths("./a", "./a/b", "./a/b/hard", "./a/b/moved"),
  },
  "reads and writes": {
    call: "content",
    expected: ["hello world", "hello", "hello00", "hEllo00!", "ll", "1"],
    remembered: paths("./content"),
  },
  "tells what files are": {
    call: "facts",
    expected: ["regular-file 5 1 1000.5", "1000.5", "true", "false", "true true false", "regular-file", "directory"],
    remembered: paths("./facts"),
  },
  streams: {
    call: "streams",
    expected: ["true", "3", "2", "1", "ghij", "closed", "abcdeXY000"],
    remembered: paths("./source", "./target"),
  },
  refuses: {
    call: "refusals",
    expected: [
      "no-entry",
      "exist",
      "not-permitted",
      "not-directory",
      "exist",
      "is-directory",
      "not-directory",
      "invalid",
      "bad-descriptor",
      "invalid",
      "file-too-large true",
    ],
    remembered: paths("./directory", "./file"),
  },
});
