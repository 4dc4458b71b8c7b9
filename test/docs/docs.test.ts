/** The documentation, done as a reader would: files saved, commands typed, what they print compared. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { linksOf, outputPattern, printed, readPage } from "../support/docs/page.ts";
import type { Step } from "../support/docs/page.ts";
import { freePort, runSteps } from "../support/docs/shell.ts";
import type { BlockOutcome } from "../support/docs/shell.ts";
import { TestServer } from "../support/server.ts";

const root = new URL("../../", import.meta.url);

/** Made from the product by programs with suites of their own: their commands aren't meant to be typed in a row. */
const generated = new Set([
  "docs/cli.md",
  "docs/host-interfaces.md",
  "docs/metrics.md",
  "docs/rest-api.md",
  "docs/settings.md",
]);

const docs = (await readdir(new URL("docs/", root))).filter((name) => name.endsWith(".md")).toSorted();
const pages = ["README.md", ...docs.map((name) => `docs/${name}`)];

function hasCommands(steps: readonly Step[]): boolean {
  return steps.some(({ kind }) => kind === "commands");
}

/** Such a page brings its own server; the others share one, as readers do. */
function startsServer(steps: readonly Step[]): boolean {
  return steps.some(({ kind, text }) => kind === "commands" && /^(?:emet|npm) start\b/mu.test(text));
}

/** What was printed where the page says something of it; else, that the commands succeeded. */
function checkOutcomes(page: string, outcomes: readonly BlockOutcome[]): void {
  const failures: string[] = [];
  outcomes.forEach(({ step, output, status }, index) => {
    const place = `${page}:${step.line}`;
    const next = outcomes[index + 1]?.step;
    if (step.kind !== "commands") return;
    if (status === undefined) failures.push(`${place} was not reached`);
    else if (next?.kind !== "output") {
      if (status !== 0) failures.push(`${place} ended with ${status}:\n${output}`);
    } else if (!outputPattern(next.text).test(printed(output))) {
      failures.push(`${place} printed\n${printed(output)}\nwhere the page says\n${next.text}`);
    }
  });
  assert.equal(failures.length, 0, failures.join("\n\n"));
}

describe("documentation", { concurrency: 2 }, () => {
  let server: TestServer;

  before(async () => {
    server = await TestServer.start();
  });
  after(() => server[Symbol.asyncDispose]());

  test("options, settings and metrics that pages name are there", async () => {
    const named = /`(?<name>--[a-z-]+|emet_[a-z_]+|EMET_[A-Z_]+)/gu;
    // A table in databases of users.
    const known = new Set(["emet_transactions"]);
    for (const name of generated) {
      const text = await readFile(new URL(name, root), "utf8");
      for (const [word] of text.matchAll(/--[a-z-]+|emet_[a-z_]+|EMET_[A-Z_]+/gu)) known.add(word);
    }
    for (const page of pages) {
      for (const { groups } of (await readFile(new URL(page, root), "utf8")).matchAll(named)) {
        assert.ok(known.has(groups?.["name"] ?? ""), `${page} names ${groups?.["name"]}`);
      }
    }
  });

  for (const page of pages) {
    test(`${page}: its links lead somewhere, and its files are those of the repository`, async () => {
      const url = new URL(page, root);
      for (const target of linksOf(await readFile(url, "utf8"))) {
        const [path = "", anchor] = target.split("#");
        const found = path === "" ? url : new URL(path, url);
        assert.ok(existsSync(found), `${target} is not there`);
        if (anchor !== undefined) assert.ok(anchorsOf(await readFile(found, "utf8")).has(anchor), `no ${target}`);
      }
      for (const step of await readPage(url)) {
        if (step.kind === "file") assert.equal(step.text, await readFile(new URL(step.path, root), "utf8"), step.path);
      }
    });
    if (generated.has(page)) continue;

    test(`${page}: its commands do what it says`, async (context) => {
      const steps = await readPage(new URL(page, root));
      if (!hasCommands(steps)) return context.skip("no commands");
      const own = startsServer(steps);
      const [api, custom] = own
        ? await Promise.all([freePort(), freePort()])
        : [server.url, server.customUrl].map((url) => Number(new URL(url).port));
      checkOutcomes(page, await runSteps(steps, { api: api ?? 0, custom: custom ?? 0 }));
    });
  }
});

/** As GitHub names headings. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = markdown.matchAll(/^#+ (?<text>.*)$/gmu);
  const anchorOf = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
  return new Set(Array.from(headings, ({ groups }) => anchorOf(groups?.["text"] ?? "")));
}
