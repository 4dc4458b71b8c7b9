import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toDatetime } from "../wasi-clocks/wall-clock.ts";
import { carryFiles, placeCarriedFiles } from "./carried-files.ts";
import { FileSystem } from "./file-system.ts";
import { placeInitialFile } from "./initial-files.ts";
import type { DirectoryNode, Node } from "./nodes.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A fresh instance's: paths with what they hold, those with `!` read-only. Every tree has a time of its own. */
function tree(nowMs: number, initial: { readonly [path: string]: string } = {}): FileSystem {
  const files = new FileSystem({ now: () => nowMs }, 1024 * 1024);
  for (const [path, text] of Object.entries(initial)) {
    const file = { path: path.replace("!", ""), readOnly: path.endsWith("!"), content: bytes(text) };
    placeInitialFile(files, file, toDatetime(nowMs));
  }
  return files;
}

function write(files: FileSystem, path: string, text: string): void {
  const { parent, name, node } = files.resolve(files.root, path, true);
  const file = node ?? files.newFile();
  if (node === undefined) files.attach(parent, name, file);
  if (file.kind !== "regular-file") throw new Error(`${path} is no file`);
  file.content.resize(0);
  file.content.write(0, bytes(text));
}

function make(files: FileSystem, path: string): DirectoryNode {
  const { parent, name } = files.resolve(files.root, path, true);
  const directory = files.newDirectory();
  files.attach(parent, name, directory);
  return directory;
}

function remove(files: FileSystem, path: string): void {
  const { parent, name, node } = files.resolve(files.root, path, false);
  if (node !== undefined) files.detach(parent, name, node);
}

/** All names, directories with a slash, links with an arrow, and what files hold. */
function shown(files: FileSystem): { readonly [path: string]: string } {
  const found: { [path: string]: string } = {};
  const walk = (node: Node, path: string): void => {
    if (node.kind === "symbolic-link") found[path] = `-> ${node.target}`;
    else if (node.kind === "regular-file") found[path] = new TextDecoder().decode(node.content.read(0, 1000));
    else {
      if (path !== "") found[`${path}/`] = "";
      for (const [name, entry] of node.entries) walk(entry, `${path}/${name}`);
    }
  };
  walk(files.root, "");
  return found;
}

describe("carried files", () => {
  const old = { "/ro/a!": "old", "/rw/kept": "old", "/rw/changed": "old", "/rw/removed": "old", "/gone": "old" };

  it("are what the guest made of its files; the rest is that of the new version", () => {
    const files = tree(1, old);
    write(files, "rw/changed", "changed");
    remove(files, "rw/removed");
    make(files, "own");
    write(files, "own/file", "own");
    write(files, "ro/beside", "beside");
    files.attach(files.root, "link", files.newLink("own/file"));
    files.attach(files.root, "second", files.find(files.root, "own/file", true));
    const fresh = tree(2, { ...old, "/ro/a!": "new", "/rw/kept": "new", "/rw/changed": "new", "/added": "new" });
    placeCarriedFiles(fresh, carryFiles(files, tree(1, old)));
    assert.deepEqual(shown(fresh), {
      "/ro/": "",
      "/ro/a": "new",
      "/ro/beside": "beside",
      "/rw/": "",
      "/rw/kept": "new",
      "/rw/changed": "changed",
      "/gone": "old",
      "/added": "new",
      "/own/": "",
      "/own/file": "own",
      "/link": "-> own/file",
      "/second": "own",
    });
    assert.equal(fresh.find(fresh.root, "second", true), fresh.find(fresh.root, "own/file", true));
    assert.deepEqual(fresh.find(fresh.root, "own", true).times.modified, toDatetime(1));
    assert.deepEqual(fresh.find(fresh.root, "rw/kept", true).times.modified, toDatetime(2));
  });

  it("don't take the place of what the new version's guest must not change", () => {
    const files = tree(1);
    write(files, "a", "mine");
    make(files, "d");
    write(files, "d/b", "mine");
    write(files, "c", "mine");
    const fresh = tree(2, { "/a!": "new", "/d": "a file now", "/c/x!": "new" });
    placeCarriedFiles(fresh, carryFiles(files, tree(1)));
    assert.deepEqual(shown(fresh), { "/a": "new", "/c/": "", "/c/x": "new", "/d/": "", "/d/b": "mine" });
  });

  it("are nothing where nothing was changed", () => {
    const carried = carryFiles(tree(1, old), tree(2, old));
    const fresh = tree(3, { "/x": "y" });
    placeCarriedFiles(fresh, carried);
    assert.deepEqual(shown(fresh), { "/x": "y" });
  });

  it("must not be too large, and find the quota of the new instance", () => {
    const files = tree(1);
    const file = files.newFile();
    files.attach(files.root, "sparse", file);
    file.content.resize(2 ** 40);
    assert.throws(() => carryFiles(files, tree(1)), /more than 67108864 bytes/u);
    file.content.resize(2 * 1024 * 1024);
    const carried = carryFiles(files, tree(1));
    assert.throws(() => placeCarriedFiles(tree(1), carried), { code: "insufficient-space" });
  });
});
