import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { readArchive } from "./file-archive.ts";
import { zipArchive } from "./zip-for-tests.ts";
import type { ZipEntry } from "./zip-for-tests.ts";

const bytesMax = 1024 * 1024;

async function filesOf(archive: Uint8Array): Promise<{ readonly [path: string]: string }> {
  const files = await readArchive(archive, bytesMax);
  return Object.fromEntries(files.map(({ path, content }) => [path, new TextDecoder().decode(content)]));
}

function refused(entries: readonly ZipEntry[], message: RegExp): Promise<void> {
  return assert.rejects(readArchive(zipArchive(entries), bytesMax), { name: "UploadError", code: "invalid", message });
}

const file = (name: string, given: Partial<ZipEntry> = {}): ZipEntry => ({ name, content: "text", ...given });

describe("readArchive", () => {
  it("gives files by absolute path, whether their names are absolute or relative, compressed or not", async () => {
    const archive = zipArchive([
      file("a.txt"),
      file("/b/c.txt", { stored: true, content: "other" }),
      file("d/", { content: "", mode: 0o040755 }),
      file("d/ü\\e", { content: "", mode: 0o100644 }),
    ]);
    assert.deepEqual(await filesOf(archive), { "/a.txt": "text", "/b/c.txt": "other", "/d/ü/e": "" });
    assert.deepEqual(await filesOf(zipArchive([])), {});
  });

  it("refuses names that lead elsewhere", async () => {
    const names = [
      "../a",
      "a/../../b",
      "/..",
      "./a",
      "a/./b",
      "a//b",
      "//a",
      "/",
      "",
      "..\\a",
      "a\0b",
      "a/..",
      "x".repeat(256),
    ];
    for (const name of names)
      await refused([file(name)], /^Malformed component archive: .* is not the path of a file$/u);
    await refused([file("d/".repeat(2100) + "f")], /is not the path of a file$/u);
  });

  it("refuses names that stand for two things", async () => {
    await refused([file("a"), file("a")], /\/a is there twice$/u);
    await refused([file("a"), file("/a")], /\/a is there twice$/u);
    await refused([file("a"), file("a/b")], /\/a is both a file and a directory$/u);
    await refused([file("a/b/c/d"), file("a/b")], /\/a\/b is both a file and a directory$/u);
    await refused([file("a/", { content: "" }), file("a")], /\/a is both a file and a directory$/u);
  });

  it("refuses links, devices and what it can't unpack", async () => {
    await refused([file("a", { mode: 0o120777 })], /\/a is neither a file nor a directory$/u);
    await refused([file("a", { mode: 0o020666 })], /\/a is neither a file nor a directory$/u);
    await refused([file("a", { method: 12 })], /encrypted or compressed in an unknown way$/u);
    await refused([file("a", { flags: 1 })], /encrypted or compressed in an unknown way$/u);
  });

  it("refuses what isn't as it claims", async () => {
    await refused([file("a", { checksum: 1 })], /\/a is damaged$/u);
    await refused([file("a", { size: 3 })], /too many bytes/u);
    await refused([file("a", { size: 5 })], /not enough bytes/u);
    await refused([file("a", { method: 8, stored: true })], /^Malformed component archive: /u);
    await assert.rejects(readArchive(new Uint8Array(100), bytesMax), { code: "invalid" });
    await assert.rejects(readArchive(new TextEncoder().encode("no archive"), bytesMax), { code: "invalid" });
  });

  it("unpacks no more than is allowed", async () => {
    const zeros = new Uint8Array(bytesMax);
    assert.equal(
      (await readArchive(zipArchive([file("a", { content: zeros })]), bytesMax))[0]?.content.length,
      bytesMax,
    );
    await refused([file("a", { content: zeros }), file("b")], /its files have more than 1048576 bytes$/u);
    // A bomb that plays down what is in it.
    await refused([file("a", { content: new Uint8Array(64 * bytesMax), size: 10 })], /too many bytes/u);
    const many = Array.from({ length: 10_001 }, (_, index) => file(`f${index}`, { content: "", stored: true }));
    await refused(many, /more than 10000 files$/u);
  });

  it("gives back any tree of files", async () => {
    const name = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
      .filter((text) => !/[/\\\0]|^\.{1,2}$/u.test(text));
    const tree = fc.uniqueArray(fc.record({ name, content: fc.uint8Array(), stored: fc.boolean() }), {
      selector: (entry) => entry.name,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(name, { maxLength: 4 }), tree, async (folder, entries) => {
        const inFolder = entries.map((entry) => ({ ...entry, name: [...folder, entry.name].join("/") }));
        const files = await readArchive(zipArchive(inFolder), bytesMax);
        const expected = inFolder.map((entry) => ({ path: `/${entry.name}`, content: entry.content }));
        assert.deepEqual(files, expected);
      }),
    );
  });

  it("refuses or reads damaged archives, and does nothing else", async () => {
    const archive = zipArchive([file("a"), file("b/c", { content: "x".repeat(1000) }), file("d/", { content: "" })]);
    const damage = fc.record({ at: fc.nat(archive.length - 1), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(damage, { minLength: 1, maxLength: 8 }),
        fc.nat(archive.length),
        async (damages, length) => {
          const damaged = archive.slice(0, length === 0 ? archive.length : length);
          for (const { at, byte } of damages) damaged[at] = byte;
          const read = await readArchive(damaged, bytesMax).catch((error: unknown) => error);
          if (!Array.isArray(read)) assert.equal((read as Error).name, "UploadError", String((read as Error).stack));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
