/** A session in a real terminal with every example of docs/cli.md: tables, colours, progress, Ctrl-C, completion. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { zipArchive } from "../../packages/server/src/component/zip-for-tests.ts";
import { EmetCommand } from "../support/emet-command.ts";
import { jsGuest } from "../support/js-guest.ts";
import { TestServer } from "../support/server.ts";
import { hasTerminal, Terminal } from "../support/terminal.ts";

const escape = "\u001b[";
const green = `${escape}32m`;
const blue = `${escape}34m`;
const bold = `${escape}1m`;

describe("a session in a terminal", { skip: hasTerminal ? false : "there is no script and bash here" }, () => {
  let server: TestServer;
  let emet: EmetCommand;
  let transformer: Server;
  let terminal: Terminal;
  /** Lines of the documentation that were typed. */
  const typed = new Set<string>();

  before(async () => {
    server = await TestServer.start();
    emet = new EmetCommand(() => server.url);
    const file = (name: string): string => join(emet.directory, name);
    const cart = await jsGuest("cart");
    transformer = createServer((request, response) => {
      request.resume().on("end", () => response.end(cart));
    }).listen(0, "127.0.0.1");
    transformer.unref();
    await once(transformer, "listening");
    const address = `http://127.0.0.1:${(transformer.address() as AddressInfo).port}`;
    const definition = `name: audit
version: 1.0.0
description: writes down
scope: { type: Global }
specs: { type: ComponentTransformer, validateUrl: ${address}/validate, transformUrl: ${address}/transform }
`;
    await writeFile(file("audit.yaml"), definition);
    for (const name of ["cart.wasm", "site.wasm"]) await writeFile(file(name), cart);
    await writeFile(file("shop.wasm"), await jsGuest("http-handler"));
    await writeFile(file("files.zip"), zipArchive([{ name: "/data/prices.txt", content: "a 5\n" }]));
    await writeFile(file("site.zip"), zipArchive([{ name: "/data/visits.txt", content: "0\n" }]));
    await mkdir(file("bin"));
    const words = emet.words([]).map((word) => `'${word}'`);
    await writeFile(file("bin/emet"), `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`);
    await chmod(file("bin/emet"), 0o755);
    const path = `${file("bin")}${delimiter}${process.env["PATH"] ?? ""}`;
    terminal = await Terminal.open(emet.directory, emet.environment({ PATH: path, HOME: emet.directory }));
  });
  after(async () => {
    transformer.close();
    await terminal[Symbol.asyncDispose]();
    emet[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Types an example as it is documented, with its placeholders filled in; it must succeed. */
  async function example(
    line: string,
    ...replacements: readonly (readonly [placeholder: string, value: string])[]
  ): Promise<string> {
    typed.add(line);
    return await ok(replacements.reduce((text, [placeholder, value]) => text.replace(placeholder, value), line));
  }

  /** Any other line that must succeed. */
  async function ok(line: string): Promise<string> {
    const { shown, code } = await terminal.run(line);
    assert.equal(code, 0, shown);
    return shown;
  }

  /** What a command prints, without the terminal's decoration. */
  async function printed(line: string, pattern: RegExp): Promise<string> {
    const [, found] = pattern.exec(await ok(`NO_COLOR=1 ${line}`)) ?? [];
    assert.ok(found !== undefined, line);
    return found;
  }

  test("components: a progress bar, labelled fields, tables", async () => {
    const added = await example("emet component add cart cart.wasm");
    assert.match(added, /Uploading .*█+.* 100 % {2}12\.\d MiB of 12\.\d MiB/su);
    assert.ok(added.includes(`${bold}Component:`), added);
    await example("emet component update cart cart.wasm");
    const table = await example("emet component list");
    assert.ok(table.includes(`${bold}name`), table);
    await example("emet component list cart");
    await example("emet component get cart");
    await example("emet component download cart -t 0 -o cart-0.wasm");
    await example("emet component client cart -o cart.ts");
    await example("emet component add site site.wasm --files site.zip --read-write /data/visits.txt");
    assert.match(await ok("emet file list site/s /data"), /visits\.txt.*read-write/u);
  });

  test("colours respect NO_COLOR, FORCE_COLOR, and what isn't a terminal", async () => {
    assert.ok((await ok("emet component list")).includes(escape));
    assert.ok(!(await ok("NO_COLOR=1 emet component list")).includes(escape));
    assert.ok(!(await ok("emet component list | cat")).includes(escape));
    assert.ok((await ok("FORCE_COLOR=1 emet component list | cat")).includes(escape));
  });

  test("workers: calls, their output, mistakes", async () => {
    await ok("emet component update cart cart.wasm --files files.zip --read-write /data/prices.txt");
    await example("emet worker new cart/cart-1 -e CURRENCY=EUR");
    const added = await example("emet worker invoke cart/cart-1 add-item '{id: \"a\", qty: 2}'");
    assert.match(added, /\n2\r?\n/u);
    const checkout = await example("emet worker invoke cart/cart-1 checkout --stream");
    assert.match(checkout, /checking out 1 items\r?\n.*INFO.* cart: paid\r?\nok\("order-1"\)/su);
    await example("emet worker invoke cart/cart-1 checkout -i order-7 --enqueue");
    assert.match(await example("emet worker cancel-invocation cart/cart-1 order-7"), /not canceled/u);
    assert.ok((await example("emet worker get cart/cart-1")).includes(`${green}Idle`));
    assert.match(await example("emet worker idempotency-key"), /[0-9a-f-]{36}/u);
    await example('emet worker list cart -f "status = Idle" -f "version < 2"');
    assert.match(await example("emet worker list cart -n 20"), /cart-1/u);
    const mistake = await terminal.run("emet worker invoke cart/cart-1 add-itm");
    assert.equal(mistake.code, 2);
    assert.match(mistake.shown, /did you mean add-item\(item: \{id: string, qty: u32\}\) -> u32\?/u);
    assert.ok(mistake.shown.includes(`${escape}31memet:`));
  });

  test("oplogs and files", async () => {
    assert.match(await example("emet oplog get cart/cart-1 --from 10 -n 5"), /#00010:/u);
    await example("emet oplog search cart/cart-1 'imported-function AND NOT product-id:G1001'");
    assert.match(await example("emet file list cart/cart-1 /data"), /prices\.txt/u);
    assert.match(await example("emet file cat cart/cart-1 /data/prices.txt"), /a 5/u);
    await example("emet file get cart/cart-1 /data/prices.txt -o prices.txt");
    assert.equal(await readFile(join(emet.directory, "prices.txt"), "utf8"), "a 5\n");
  });

  test("promises, interruption, resumption", async () => {
    await ok("emet worker invoke cart/cart-1 pay --enqueue");
    await ok("until emet worker get cart/cart-1 | grep -q Suspended; do :; done");
    assert.ok((await ok("emet worker list cart")).includes(`${blue}Suspended`));
    const index = await printed("emet promise list cart/cart-1", /\n *(\d+) +Pending/u);
    typed.add("emet promise list cart/cart-1");
    await example("emet worker interrupt cart/cart-1");
    await example("emet worker resume cart/cart-1");
    assert.match(await example("emet promise complete cart/cart-1 17 paid", ["17", index]), /completed/u);
    await example("emet worker simulate-crash cart/cart-1");
  });

  test("connect shows lines until Ctrl-C", async () => {
    for (const line of ["emet worker connect cart/cart-1 --timestamps", "emet worker connect cart/cart-1 --json"]) {
      typed.add(line);
      const start = terminal.record.length;
      terminal.type(`${line}\n`);
      await terminal.shows(/Connected to cart\/cart-1/u, start);
      terminal.type("\u0003");
      assert.equal((await terminal.prompt(start + line.length + 4)).code, 130);
    }
    // What another terminal does is seen here.
    const start = terminal.record.length;
    terminal.type("emet worker connect cart/cart-1 --timestamps\n");
    await terminal.shows(/Connected/u, start);
    await emet.run(["worker", "invoke", "cart/cart-1", "add-item", '{id: "b", qty: 1}']);
    await emet.run(["worker", "invoke", "cart/cart-1", "checkout"]);
    await terminal.shows(/\[\d{4}-[^\]]*Z\].* checking out 1 items/u, start);
    await terminal.shows(/\[INFO\].* cart: paid/u, start);
    terminal.type("\u0003");
    await terminal.prompt(start + 60);
  });

  test("schedules, plugins, routes", async () => {
    await example("emet schedule add cart/cart-1 checkout --in 15m");
    const schedule = await printed("emet schedule list cart/cart-1", /\n(\S+) +\S+Z +Invocation/u);
    typed.add("emet schedule list cart/cart-1");
    assert.match(await example("emet schedule cancel cart/cart-1 SCHEDULE-ID", ["SCHEDULE-ID", schedule]), /canceled/u);
    await example("emet plugin register audit.yaml");
    await example("emet plugin list");
    await example("emet plugin get audit 1.0.0");
    await example("emet plugin install cart audit 1.0.0 -p target=log");
    const installation = await printed("emet plugin installations cart", /\n(\S+) +audit/u);
    typed.add("emet plugin installations cart");
    const id = ["INSTALLATION-ID", installation] as const;
    await example("emet worker update cart/cart-1 --dry-run");
    await example("emet worker update cart/cart-1 --wait");
    await example('emet worker update --all -c cart -f "version < 2" --wait');
    await example("emet worker deactivate-plugin cart/cart-1 INSTALLATION-ID", id);
    await example("emet worker activate-plugin cart/cart-1 INSTALLATION-ID", id);
    await example("emet plugin update cart INSTALLATION-ID --priority 5", id);
    await example("emet plugin uninstall cart INSTALLATION-ID", id);
    await example("emet plugin unregister audit 1.0.0");
    await ok("emet component add shop shop.wasm");
    const route = await printed("emet route add '/shops/{shop}' shop --worker-parameter shop", /\n([0-9a-f-]{36})/u);
    typed.add("emet route add '/shops/{shop}' shop --worker-parameter shop");
    await example("emet route list");
    await example("emet route remove ROUTE-ID", ["ROUTE-ID", route]);
  });

  test("forks, reverts, deletions", async () => {
    await ok("emet worker invoke cart/cart-1 contents");
    await example("emet worker fork cart/cart-1 cart-1-copy");
    await example("emet worker revert cart/cart-1 --number-of-invocations 1");
    await example("emet worker delete cart/cart-1");
    await ok("emet worker list cart");
    await ok("emet worker delete cart/cart-1-copy");
    await example("emet component delete cart -t 0");
    await example("emet component delete cart --delete-workers");
  });

  test("profiles, the server's own commands, completion", async () => {
    await example("emet profile add staging https://emet.example.com --set-active");
    assert.match(await example("emet profile list"), / \* staging/u);
    await example("emet profile get staging");
    await example("emet profile switch staging");
    await example("emet profile delete staging");
    assert.match(await example("emet config"), /port +9881/u);
    await example("emet completion bash >> ~/.bashrc");
    await ok("source ~/.bashrc");
    const start = terminal.record.length;
    terminal.type("emet component lis\t");
    await terminal.shows(/component list /u, start);
    terminal.type("\n");
    assert.equal((await terminal.prompt(start + 25)).code, 0);
  });

  test("the server starts, and stops at Ctrl-C", async () => {
    const line = "emet start --data-dir ./data --port 9881";
    typed.add(line);
    const start = terminal.record.length;
    terminal.type(`${line.replace("9881", "0")} --custom-request-port 0 --no-example\n`);
    await terminal.shows(/Emet is running at/u, start);
    terminal.type("\u0003");
    assert.equal((await terminal.prompt(start + 100)).code, 0);
  });

  test("a component is built from its source", async () => {
    const counter = new URL("../../examples/counter/", import.meta.url);
    for (const ending of ["ts", "wit"]) {
      await copyFile(new URL(`counter.${ending}`, counter), join(emet.directory, `cart.${ending}`));
    }
    assert.match(await example("emet component build cart.ts"), /cart\.wasm: 1\d\.\d MiB/u);
  });

  test("every example of the documentation was typed", async (context) => {
    const text = await readFile(new URL("../../docs/cli.md", import.meta.url), "utf8");
    const examples = [...text.matchAll(/```sh\n(.*)\n```/gu)].map(([, line = ""]) => line);
    assert.deepEqual(
      examples.filter((line) => !typed.has(line)),
      [],
    );
    context.diagnostic(`${examples.length} examples`);
    const target = process.env["EMET_TERMINAL_RECORD"];
    if (target !== undefined) await writeFile(target, terminal.record);
  });
});
