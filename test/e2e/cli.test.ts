/** The command against a real server: every verb, as text, as JSON and as YAML. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { parse, parseAllDocuments } from "yaml";
import { zipArchive } from "../../packages/server/src/component/zip-for-tests.ts";
import { EmetCommand } from "../support/emet-command.ts";
import type { Outcome } from "../support/emet-command.ts";
import { jsGuest } from "../support/js-guest.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

type Data = { readonly [name: string]: Data } & readonly Data[] & string;

describe("the emet command and a server", () => {
  let server: TestServer;
  let emet: EmetCommand;
  let cart: Uint8Array;

  before(async () => {
    server = await TestServer.start();
    emet = new EmetCommand(() => server.url);
    cart = await jsGuest("cart");
    await writeFile(join(emet.directory, "cart.wasm"), cart);
    const archive = zipArchive([{ name: "/data/prices.txt", content: "a 5\n" }]);
    await writeFile(join(emet.directory, "files.zip"), archive);
    await ok("component", "add", "cart", "cart.wasm", "--files", "files.zip", "--read-write", "/data/prices.txt");
  });
  after(async () => {
    emet[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Runs a command that must succeed; gives what it printed. */
  async function ok(...words: readonly string[]): Promise<string> {
    const { code, output, errors } = await emet.run(words);
    assert.equal(code, 0, `${words.join(" ")}: ${errors}`);
    return output;
  }

  async function json(...words: readonly string[]): Promise<Data> {
    return JSON.parse(await ok(...words, "--json")) as Data;
  }

  /** A command that changes nothing says the same in every form. */
  async function show(...words: readonly string[]): Promise<{ readonly text: string; readonly data: Data }> {
    const data = await json(...words);
    assert.deepEqual(parse(await ok(...words, "--yaml")), data);
    assert.deepEqual(JSON.parse(await ok(...words, "-F", "json")), data);
    return { text: await ok(...words), data };
  }

  async function fails(code: number, pattern: RegExp, ...words: readonly string[]): Promise<Outcome> {
    const outcome = await emet.run(words);
    assert.equal(outcome.code, code, `${words.join(" ")}: ${outcome.output}${outcome.errors}`);
    assert.match(outcome.errors, pattern);
    assert.equal(outcome.output, "");
    return outcome;
  }

  async function waiting(worker: string): Promise<void> {
    await eventually(async () => (await json("worker", "get", worker))["status"] === "Suspended", "it waits");
  }

  describe("component", () => {
    test("shows components and their versions", async () => {
      const { text, data } = await show("component", "get", "cart");
      assert.match(text, /^Component: +cart\nURN: +urn:component:/u);
      assert.match(text, /test:cart\/api\.\{add-item\}\(item: \{id: string, qty: u32\}\) -> u32/u);
      assert.equal(data["componentVersion"], 0);
      const list = await show("component", "list");
      assert.match(list.text, /^name +version +type +size +created at +id\ncart +0 +Durable/u);
      const urn = String(data["componentUrn"]);
      assert.equal((await json("component", "get", urn))["componentName"], "cart");
      assert.equal((await json("component", "get", urn.slice("urn:component:".length)))["componentName"], "cart");
      assert.equal((await json("component", "get", "component:///cart", "-t", "0"))["componentName"], "cart");
    });

    test("adds, updates, downloads and deletes", async () => {
      const added = await json("component", "add", "other", "cart.wasm", "--ephemeral");
      assert.deepEqual([added["componentVersion"], added["componentType"]], [0, "Ephemeral"]);
      assert.equal((await json("component", "update", "other", "cart.wasm", "--durable"))["componentVersion"], 1);
      assert.equal((await json("component", "list", "other")).length, 2);
      await ok("component", "download", "other", "-t", "0", "-o", "copy.wasm");
      assert.ok((await readFile(join(emet.directory, "copy.wasm"))).equals(cart));
      await ok("worker", "new", "other/w");
      await fails(1, /--delete-workers/u, "component", "delete", "other");
      await ok("component", "delete", "other", "--delete-workers");
      await fails(3, /there is no component "other"/u, "component", "get", "other");
    });

    test("takes a binary from standard input", async () => {
      const child = emet.start(["component", "add", "piped", "-"]);
      child.stdin?.end(cart);
      assert.deepEqual(await once(child, "close"), [0, null]);
      await ok("component", "delete", "piped");
    });

    test("says what is wrong", async () => {
      await fails(1, /already.*\n.*emet component update cart/u, "component", "add", "cart", "cart.wasm");
      await fails(2, /there is no such file/u, "component", "add", "x", "none.wasm");
      await fails(1, /./u, "component", "add", "x", "files.zip");
      await fails(3, /did you mean "cart"/u, "component", "get", "cort");
      await fails(3, /has no version 9/u, "component", "get", "cart", "-t", "9");
      await fails(2, /only one of/u, "component", "add", "x", "cart.wasm", "--durable", "--ephemeral");
    });

    test("makes a typed client", async () => {
      assert.match(await ok("component", "client", "cart"), /export class Cart \{/u);
      await ok("component", "client", "cart", "-o", "shop.ts", "--class-name", "Shop");
      assert.match(await readFile(join(emet.directory, "shop.ts"), "utf8"), /export class Shop \{/u);
      await fails(2, /--class-name/u, "component", "client", "cart", "--class-name", "x y");
    });
  });

  describe("worker", () => {
    test("calls functions by loose names with WAVE arguments", async () => {
      assert.equal(await ok("worker", "invoke", "cart/cart-1", "add-item", '{id: "a", qty: 2}'), "2\n");
      assert.deepEqual(await json("worker", "invoke", "cart-1", "api.{add-item}", '{id: "b", qty: 1}'), {
        wave: ["3"],
      });
      assert.equal(await ok("worker", "invoke", "cart-1", "addItem", "-j", '[{"id":"c","qty":1}]'), "4\n");
      const { text, data } = await show("worker", "invoke", "cart-1", "test:cart/api.{contents}");
      assert.equal(text, '[{id: "a", qty: 2}, {id: "b", qty: 1}, {id: "c", qty: 1}]\n');
      assert.deepEqual(data, { wave: [text.trim()] });
    });

    test("answers mistakes with the nearest name, the types and the place", async () => {
      await fails(
        2,
        /no function "add-itm"; did you mean add-item\(item: \{id: string, qty: u32\}\)/u,
        "worker",
        "invoke",
        "cart-1",
        "add-itm",
      );
      await fails(
        2,
        /argument 1 \(item: \{id: string, qty: u32\}\): .* at position 15\n.*\n {17}\^/u,
        "worker",
        "invoke",
        "cart-1",
        "add-item",
        '{id: "a", qty: x}',
      );
      await fails(2, /takes 1 argument, not 0/u, "worker", "invoke", "cart-1", "add-item");
      await fails(2, /can't be a worker's name/u, "worker", "get", "cart/a b");
      await fails(2, /unknown option/u, "worker", "get", "cart/a", "--nonsense");
      await fails(2, /Did you mean invoke/u, "worker", "invok");
      await fails(3, /Worker not found/u, "worker", "get", "cart/nobody");
      await fails(1, /params\[0\]/u, "worker", "invoke", "cart-1", "add-item", "-j", "[5]");
    });

    test("finds the component of a worker", async () => {
      await ok("component", "add", "second", "cart.wasm");
      assert.equal(await ok("worker", "invoke", "second/mine", "add-item", '{id: "a", qty: 7}'), "7\n");
      assert.match(await ok("worker", "get", "mine"), /^Worker: +second\/mine/u);
      await fails(2, /which component.*cart.*second/u, "worker", "get", "nobody");
      assert.equal(await ok("worker", "invoke", "both", "-c", "second", "add-item", '{id: "a", qty: 1}'), "1\n");
      await ok("worker", "new", "cart/both");
      await fails(2, /several components.*\n {2}cart\/both\n {2}second\/both/u, "worker", "get", "both");
      const { output } = await emet.run(["worker", "get", "both"], { EMET_COMPONENT: "second" });
      assert.match(output, /second\/both/u);
      await fails(2, /leave out --component/u, "worker", "get", "cart/both", "-c", "second");
      await ok("component", "delete", "second", "--delete-workers");
    });

    test("runs a call once for a key, and accepts calls without waiting", async () => {
      const add = ["worker", "invoke", "cart/keys", "add-item", '{id: "a", qty: 1}'];
      assert.equal(await ok(...add, "-i", "one"), "1\n");
      assert.equal(await ok(...add, "-i", "one"), "1\n");
      assert.equal(await ok(...add, "-i", "-"), "2\n");
      const { idempotencyKey } = await json(...add, "--enqueue");
      assert.match(String(idempotencyKey), /^[0-9a-f-]{36}$/u);
      assert.equal(await ok(...add, "-i", String(idempotencyKey)), "3\n");
      assert.match((await ok("worker", "idempotency-key")).trim(), /^[0-9a-f-]{36}$/u);
      assert.match((await emet.run(["worker", "invoke", "cart/-", "contents"])).errors, /^Worker cart\/[0-9a-f-]{36}/u);
    });

    test("shows what the worker says while it waits for the result", async () => {
      await ok("worker", "invoke", "cart/stream", "add-item", '{id: "a", qty: 1}');
      const { code, output, errors } = await emet.run(["worker", "invoke", "cart/stream", "checkout", "--stream"]);
      assert.deepEqual([code, output], [0, 'ok("order-1")\n'], errors);
      assert.equal(errors, "checking out 1 items\n[INFO] cart: paid\n");
      const fresh = await emet.run(["worker", "invoke", "cart/fresh", "checkout", "--stream"]);
      assert.equal(fresh.output, 'err("the cart is empty")\n');
    });

    test("creates, lists and shows workers", async () => {
      const { code, output, errors } = await emet.run(["worker", "new", "cart/listed-1", "-e", "A=b=c", "one", "two"]);
      assert.equal(code, 0, errors);
      assert.match(output, /^Worker: +cart\/listed-1\nURN: +urn:worker:/u);
      assert.match(await json("worker", "new", "cart/listed-2"), /^urn:worker:.*\/listed-2$/u);
      await fails(1, /there is a worker cart\/listed-1 already/u, "worker", "new", "cart/listed-1");
      const { data, text } = await show("worker", "get", "cart/listed-1");
      assert.deepEqual([data["args"], data["env"]?.["A"], data["status"]], [["one", "two"], "b=c", "Idle"]);
      assert.match(text, /Environment: +A=b=c/u);
      const list = await show("worker", "list", "cart", "-f", "name like listed", "--filter", "status = Idle");
      assert.equal(list.data["workers"]?.length, 2);
      assert.match(list.text, /^name +version +status +created at\nlisted-/u);
      const page = await emet.run(["worker", "list", "cart", "-f", "name like listed", "-n", "1", "--precise"]);
      const [, cursor = ""] = /--cursor (\S+)/u.exec(page.errors) ?? [];
      assert.match(
        await ok("worker", "list", "cart", "-f", "name like listed", "-n", "5", "--cursor", cursor),
        /listed-2/u,
      );
      await fails(1, /Invalid filter/u, "worker", "list", "cart", "-f", "nonsense");
      await fails(2, /LAYER\/CURSOR/u, "worker", "list", "cart", "-n", "1", "--cursor", "x");
    });

    test("interrupts, resumes, crashes and deletes", async () => {
      await ok("worker", "invoke", "cart/life", "pay", "--enqueue");
      await waiting("cart/life");
      await ok("worker", "interrupt", "cart/life");
      assert.equal((await json("worker", "get", "cart/life"))["status"], "Interrupted");
      await ok("worker", "resume", "cart/life");
      await waiting("cart/life");
      await ok("worker", "simulate-crash", "cart/life");
      await waiting("cart/life");
      assert.deepEqual(await json("worker", "delete", "cart/life"), {});
      await fails(3, /not found/u, "worker", "get", "cart/life");
    });

    test("cancels calls, reverts and forks", async () => {
      await ok("worker", "invoke", "cart/undo", "pay", "--enqueue");
      await waiting("cart/undo");
      await ok("worker", "invoke", "cart/undo", "contents", "--enqueue", "-i", "queued");
      assert.deepEqual(await json("worker", "cancel-invocation", "cart/undo", "queued"), { canceled: true });
      await fails(3, /not found/u, "worker", "cancel-invocation", "cart/undo", "nothing");
      const add = ["add-item", '{id: "a", qty: 1}'];
      await ok("worker", "invoke", "cart/source", ...add);
      await ok("worker", "fork", "cart/source", "copy");
      assert.equal(await ok("worker", "invoke", "cart/copy", ...add), "2\n");
      await ok("worker", "revert", "cart/copy", "--number-of-invocations", "1");
      assert.equal(await ok("worker", "invoke", "cart/copy", ...add), "2\n");
      await ok("worker", "revert", "cart/copy", "--last-oplog-index", "1");
      assert.equal(await ok("worker", "invoke", "cart/copy", ...add), "1\n");
      await fails(2, /one of --last-oplog-index/u, "worker", "revert", "cart/copy");
    });

    test("updates one worker, and all of a component", async () => {
      await ok("component", "add", "updated", "cart.wasm");
      for (const name of ["u1", "u2", "u3"])
        await ok("worker", "invoke", `updated/${name}`, "add-item", '{id: "a", qty: 1}');
      await ok("component", "update", "updated", "cart.wasm");
      assert.equal((await show("worker", "update", "updated/u1", "--dry-run")).data["outcome"], "Compatible");
      assert.match((await show("worker", "update", "--all", "-c", "updated", "--dry-run")).text, /u1 +0 +Compatible/u);
      await ok("worker", "update", "updated/u1", "--wait");
      assert.equal((await json("worker", "get", "updated/u1"))["componentVersion"], 1);
      const { triggered, failed } = await json(
        "worker",
        "update",
        "--all",
        "-c",
        "updated",
        "-f",
        "name != u3",
        "--wait",
      );
      assert.deepEqual([triggered?.length, failed?.length], [1, 0]);
      assert.equal((await json("worker", "get", "updated/u2"))["componentVersion"], 1);
      assert.equal((await json("worker", "get", "updated/u3"))["componentVersion"], 0);
      // The guest exports no save, so that a manual update fails.
      await fails(
        1,
        /updated\/u3 stays on its version/u,
        "worker",
        "update",
        "updated/u3",
        "--mode",
        "manual",
        "--wait",
      );
      await fails(2, /name a worker, or all/u, "worker", "update");
      await ok("component", "delete", "updated", "--delete-workers");
    });
  });

  test("worker connect follows the output as lines, until the worker is deleted", async () => {
    await ok("worker", "invoke", "cart/watched", "add-item", '{id: "a", qty: 1}');
    const child = emet.start(["worker", "connect", "cart/watched", "--json", "--calls"]);
    const closed = once(child, "close");
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    let errors = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    await eventually(async () => errors.includes("Connected"), "it connects");
    await ok("worker", "invoke", "cart/watched", "checkout");
    const lines = (): Data[] =>
      output
        .trim()
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Data);
    await eventually(async () => lines().some(({ level }) => level === "Info"), "the lines come");
    const shown = lines().map(({ level, context, message }) => `${level} ${context}: ${message}`);
    assert.ok(shown.includes("Stdout : checking out 1 items"), output);
    assert.ok(shown.includes("Info cart: paid"), output);
    assert.ok(lines().every(({ timestamp }) => /^\d{4}-.*Z$/u.test(String(timestamp))));
    assert.ok(lines().some(({ level, message }) => level === "Invoke" && message === "test:cart/api.{checkout}"));
    await ok("worker", "delete", "cart/watched");
    assert.deepEqual(await closed, [0, null]);
    assert.match(errors, /was closed/u);
  });

  test("oplog gets and searches entries", async () => {
    await ok("worker", "invoke", "cart/logged", "add-item", '{id: "tea", qty: 2}');
    const { text, data } = await show("oplog", "get", "cart/logged");
    assert.match(text, /^#00001: CREATE\n {10}at: +\d{4}-/u);
    assert.match(text, /: INVOKE\n(?: {10}.*\n)* {10}request: +\{id: "tea", qty: 2\}/u);
    assert.match(text, /: INVOKE COMPLETED\n(?: {10}.*\n)* {10}response: +2\n/u);
    assert.deepEqual([data[0]?.[0], data[0]?.[1]?.["type"]], [1, "Create"]);
    const two = await json("oplog", "get", "cart/logged", "--from", "2", "-n", "2");
    assert.deepEqual(
      two.map(([index]: Data) => index),
      [2, 3],
    );
    const found = await show("oplog", "search", "cart/logged", "tea", "AND", "NOT", "pending");
    assert.ok(found.data.length >= 1 && found.data.length < data.length);
    assert.deepEqual(await json("oplog", "search", "cart/logged", "coffee"), []);
    await fails(3, /not found/u, "oplog", "get", "cart/nobody");
  });

  test("promise lists and completes what a worker waits for", async () => {
    const key = ["-i", "payment"];
    await ok("worker", "invoke", "cart/promised", "pay", "--enqueue", ...key);
    await waiting("cart/promised");
    const { text, data } = await show("promise", "list", "cart/promised");
    assert.match(text, /^promise +state\n +\d+ +Pending/u);
    const index = String(data["promises"]?.[0]?.["promiseId"]?.["oplogIdx"]);
    assert.equal(await ok("promise", "complete", "cart/promised", index, "paid"), "completed\n");
    assert.equal(await json("promise", "complete", "cart/promised", index), false);
    assert.equal(await ok("worker", "invoke", "cart/promised", "pay", ...key), '"paid"\n');
    await fails(2, /not a promise's number/u, "promise", "complete", "cart/promised", "x");
  });

  test("schedule adds, lists and cancels calls", async () => {
    const add = ["schedule", "add", "cart/later", "add-item", '{id: "a", qty: 1}'];
    await ok("worker", "new", "cart/later");
    const { id } = await json(...add, "--in", "1h");
    const { text, data } = await show("schedule", "list", "cart/later");
    assert.equal(data["schedules"]?.[0]?.["id"], id);
    assert.match(text, /Invocation.*add-item/u);
    assert.deepEqual(await json("schedule", "cancel", "cart/later", String(id)), { canceled: true });
    assert.deepEqual(await json("schedule", "list", "cart/later"), { schedules: [] });
    await ok(...add, "--at", new Date(Date.now() + 200).toISOString());
    await eventually(async () => (await ok("worker", "invoke", "cart/later", "contents")) !== "[]\n", "it is called");
    await fails(2, /one of --at and --in/u, ...add);
    await fails(2, /not a duration/u, ...add, "--in", "soon");
    await fails(2, /not a time/u, ...add, "--at", "soon");
  });

  test("file lists, prints and fetches", async () => {
    const { text, data } = await show("file", "list", "cart/files", "/data");
    assert.match(text, /^name +size +permissions +modified\nprices\.txt +4 bytes +read-write +\d{4}-/u);
    assert.equal(data["nodes"]?.[0]?.["name"], "prices.txt");
    assert.match(await ok("file", "list", "cart/files"), /\ndata\//u);
    assert.equal(await ok("file", "cat", "cart/files", "/data/prices.txt"), "a 5\n");
    await ok("file", "get", "cart/files", "/data/prices.txt");
    assert.equal(await readFile(join(emet.directory, "prices.txt"), "utf8"), "a 5\n");
    await fails(3, /./u, "file", "cat", "cart/files", "/none");
    await fails(1, /./u, "file", "cat", "cart/files", "/data");
  });

  test("plugin registers, installs and removes", async () => {
    const transformer = createServer((request, response) => {
      request.resume().on("end", () => response.end(cart));
    }).listen(0, "127.0.0.1");
    await once(transformer, "listening");
    const address = `http://127.0.0.1:${(transformer.address() as AddressInfo).port}`;
    try {
      const specs = {
        type: "ComponentTransformer",
        validateUrl: `${address}/validate`,
        transformUrl: `${address}/transform`,
      };
      const definition = {
        name: "audit",
        version: "1.0.0",
        description: "writes down",
        scope: { type: "Global" },
        specs,
      };
      await writeFile(join(emet.directory, "audit.yaml"), JSON.stringify(definition));
      await ok("plugin", "register", "audit.yaml");
      assert.match(
        (await show("plugin", "list")).text,
        /audit +1\.0\.0 +ComponentTransformer +all components +writes down/u,
      );
      assert.match((await show("plugin", "get", "audit", "1.0.0")).text, /^Plugin: +audit/u);
      await ok("component", "add", "plugged", "cart.wasm");
      const installed = await json(
        "plugin",
        "install",
        "plugged",
        "audit",
        "1.0.0",
        "-p",
        "target=log",
        "--priority",
        "3",
      );
      const id = String(installed["id"]);
      await ok("plugin", "update", "plugged", id, "--priority", "5");
      const { data, text } = await show("plugin", "installations", "plugged");
      assert.deepEqual([data[0]?.["priority"], data[0]?.["parameters"]], [5, { target: "log" }]);
      assert.match(text, /audit +1\.0\.0 +5 +target=log/u);
      await fails(3, /has no installation/u, "plugin", "update", "plugged", "x");
      await ok("plugin", "uninstall", "plugged", id);
      assert.deepEqual(await json("plugin", "installations", "plugged"), []);
      await ok("component", "delete", "plugged");
      await ok("plugin", "unregister", "audit", "1.0.0");
      assert.deepEqual(await json("plugin", "list", "--global"), []);
    } finally {
      transformer.close();
    }
  });

  test("route adds, lists and removes", async () => {
    await writeFile(join(emet.directory, "shop.wasm"), await jsGuest("http-handler"));
    await ok("component", "add", "shop", "shop.wasm");
    const id = (
      await ok("route", "add", "/shops/{shop}", "shop", "--worker-parameter", "shop", "--method", "get")
    ).trim();
    const { text, data } = await show("route", "list");
    assert.match(text, /GET +\* +\/shops\/\{shop\} +shop +\{shop\}/u);
    assert.equal(data[0]?.["id"], id);
    assert.deepEqual(await json("route", "remove", id), {});
    await fails(3, /not found/u, "route", "remove", id);
    await fails(2, /only one of/u, "route", "add", "/x", "shop", "--worker", "a", "--worker-header", "b");
    await ok("component", "delete", "shop");
  });

  test("profile keeps servers by name", async () => {
    const without = { EMET_URL: undefined };
    const run = (...words: readonly string[]): Promise<Outcome> => emet.run(words, without);
    await run("profile", "add", "here", server.url, "--default-format", "json", "--default-component", "cart");
    await run("profile", "add", "there", "http://127.0.0.1:1");
    assert.equal((JSON.parse((await run("component", "list")).output) as Data).length, 1);
    assert.equal((await run("worker", "get", "cart/nobody")).code, 3);
    assert.equal((await run("component", "list", "--profile", "there")).code, 4);
    assert.match((await run("profile", "list", "-F", "text")).output, /^ \* here {2}http.*\n {3}there/u);
    await run("profile", "switch", "there");
    const { errors, code } = await run("component", "list");
    assert.equal(code, 4);
    assert.match(errors, /cannot reach the server at http:\/\/127\.0\.0\.1:1.*\nStart one with "emet start"/u);
    assert.match((await run("profile", "get")).output, /^Profile: +there/u);
    assert.equal((await run("profile", "delete", "there")).code, 0);
    assert.equal((await run("profile", "get", "there")).code, 3);
    assert.equal((await run("profile", "get")).code, 3);
    assert.equal((await run("profile", "add", "x", "nowhere")).code, 2);
    await run("profile", "delete", "here");
  });

  test("completion completes nouns, verbs, options, components, workers and functions", async () => {
    const complete = async (...words: readonly string[]): Promise<readonly string[]> =>
      (await ok("__complete", "--", ...words)).split("\n").filter((line) => line !== "");
    await ok("worker", "new", "cart/completed");
    assert.deepEqual(await complete("wor"), ["worker"]);
    assert.deepEqual(await complete("worker", "inv"), ["invoke"]);
    assert.deepEqual(await complete("component", "get", "ca"), ["cart"]);
    assert.deepEqual(await complete("worker", "get", "cart/compl"), ["cart/completed"]);
    assert.deepEqual(await complete("worker", "get", "-c", "cart", "compl"), ["completed"]);
    assert.deepEqual(await complete("worker", "invoke", "cart/completed", "a"), ["add-item"]);
    assert.deepEqual(await complete("worker", "update", "--mode", ""), ["auto", "manual"]);
    assert.deepEqual(await complete("worker", "update", "--dry"), ["--dry-run"]);
    assert.deepEqual(await complete("component", "add", "x", ""), [":file"]);
    assert.deepEqual(await complete("nonsense", ""), []);
    for (const shell of ["bash", "zsh", "fish"]) assert.match(await ok("completion", shell), /emet __complete --/u);
    await fails(2, /no completion for "tcsh"/u, "completion", "tcsh");
  });

  test("streams of YAML are documents", async () => {
    assert.equal(parseAllDocuments(await ok("oplog", "get", "cart/logged", "--yaml")).length, 1);
  });

  test("colours are for terminals, or for those who ask", async () => {
    assert.ok(!(await ok("component", "list")).includes("\u001b["));
    assert.ok((await emet.run(["component", "list"], { FORCE_COLOR: "1" })).output.includes("\u001b["));
  });
});
