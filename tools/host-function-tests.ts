/**
 * Which test files call which host functions, found in their sources: tests of the host by the names of interface and
 * function; guests by what they import and call, which counts for the tests that run the guest.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { camelCase } from "@emet/component";
import type { InterfaceTypes } from "./wit.ts";

interface Source {
  readonly path: string;
  readonly text: string;
}

interface JsGuest extends Source {
  /** Names of the interfaces that its world imports, and of those whose resources they use. */
  readonly interfaces: ReadonlySet<string>;
  readonly tests: readonly string[];
}

interface Sources {
  readonly tests: readonly Source[];
  readonly jsGuests: readonly JsGuest[];
  readonly textGuests: readonly (Source & { readonly tests: readonly string[] })[];
}

/** `[method]fields.get` → `{ kind: "method", resource: "fields", name: "get" }` */
function partsOf(canonical: string): { readonly kind: string; readonly resource: string; readonly name: string } {
  const [, kind = "function", resource = "", name = canonical] =
    /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/u.exec(canonical) ?? [];
  return { kind, resource, name };
}

function pascalCase(name: string): string {
  const camel = camelCase(name);
  return camel.slice(0, 1).toUpperCase() + camel.slice(1);
}

function withoutVersion(interfaceName: string): string {
  return interfaceName.replace(/@.*$/u, "");
}

/** The text of a test together with the helpers that it imports from beside it. */
function readTest(path: string): Source {
  const text = readFileSync(path, "utf8");
  const helpers = Array.from(text.matchAll(/from "(\.\.?\/[^"]+-for-tests\.ts)"/gu), ([, name = ""]) =>
    join(dirname(path), name),
  ).filter((helper) => !helper.endsWith("/context-for-tests.ts") && existsSync(helper));
  return { path, text: [text, ...helpers.map((helper) => readFileSync(helper, "utf8"))].join("\n") };
}

function readSources(interfaces: readonly InterfaceTypes[]): Sources {
  const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "packages/server/src", "test"], {
    encoding: "utf8",
  })
    .split("\n")
    .filter((file) => existsSync(file));
  const tests = files.filter((file) => file.endsWith(".test.ts")).map(readTest);
  const running = (name: string, runner: RegExp): string[] =>
    tests.filter(({ text }) => text.includes(`"${name}"`) && runner.test(text)).map(({ path }) => path);
  const jsGuests = files
    .filter((file) => /^test\/guests\/js\/[^/]+\.(js|ts)$/u.test(file))
    .map((path) => {
      const name = basename(path).replace(/\.(js|ts)$/u, "");
      const wit = readFileSync(path.replace(/\.(js|ts)$/u, ".wit"), "utf8");
      return {
        path,
        text: readFileSync(path, "utf8"),
        interfaces: namedInterfaces(wit, interfaces),
        tests: running(name, /threeWays|jsGuest/u),
      };
    });
  const textGuests = files
    .filter((file) => file.startsWith("test/guests/") && file.endsWith(".wat"))
    .map((path) => {
      const name = basename(path) === "guest.wat" ? basename(dirname(path)) : basename(path, ".wat");
      return { path, text: readFileSync(path, "utf8"), tests: running(name, /textGuest|moduleGuest/u) };
    });
  return { tests, jsGuests, textGuests };
}

function namedInterfaces(wit: string, interfaces: readonly InterfaceTypes[]): ReadonlySet<string> {
  const named = interfaces.filter(({ name }) => wit.includes(name)).map(({ name }) => name);
  const all = new Set(named);
  // A set is walked to its end, also where it grows meanwhile.
  for (const name of all) for (const used of interfaces.find((item) => item.name === name)?.uses ?? []) all.add(used);
  return all;
}

/** A test of the host: it names the interface, and the function in quotes, whole or after the resource's name. */
function testCalls({ text }: Source, interfaceName: string, canonical: string): boolean {
  if (!text.includes(withoutVersion(interfaceName))) return false;
  if (text.includes(`"${canonical}"`)) return true;
  // Names may be put together: `[method]${resource}.get` means a resource that is quoted somewhere.
  return Array.from(text.matchAll(/`(\[[a-z]+\][^`]*\$\{[^`]*)`/gu), ([, template = ""]) => template).some(
    (template) => {
      const pattern = template.split(/\$\{[^}]*\}/u).map((fixed) => fixed.replaceAll(/[[\].]/gu, "\\$&"));
      const parts = new RegExp(`^${pattern.join("([a-z0-9-]+)")}$`, "u").exec(canonical)?.slice(1);
      return parts?.every((part) => text.includes(`"${part}"`)) === true;
    },
  );
}

function jsGuestCalls({ text, interfaces }: JsGuest, interfaceName: string, canonical: string): boolean {
  if (!interfaces.has(interfaceName)) return false;
  const { kind, resource, name } = partsOf(canonical);
  const camel = camelCase(name);
  if (kind === "constructor") return new RegExp(`new (?:\\w+\\.)?${pascalCase(resource)}\\(`, "u").test(text);
  if (kind === "static") return text.includes(`${pascalCase(resource)}.${camel}(`);
  if (kind === "method") return text.includes(`.${camel}(`);
  const base = withoutVersion(interfaceName).replaceAll("/", "\\/");
  const [, imported = ""] = new RegExp(`import ([^;]*) from "${base}[@"]`, "u").exec(text) ?? [];
  const [, module] = /^\* as (\w+)$/u.exec(imported) ?? [];
  if (module !== undefined) return text.includes(`${module}.${camel}(`);
  const [whole, alias] = new RegExp(`\\b${camel}\\b(?: as (\\w+))?`, "u").exec(imported) ?? [];
  return whole !== undefined && text.includes(`${alias ?? camel}(`);
}

function textGuestCalls({ text }: Source, interfaceName: string, canonical: string): boolean {
  const base = withoutVersion(interfaceName);
  return text
    .split("\n")
    .some((line) => (line.includes(`"${base}@`) || line.includes(`"${base}"`)) && line.includes(`"${canonical}"`));
}

/** Looks up the test files of a function; the closest to it come first. */
export function hostFunctionTests(
  interfaces: readonly InterfaceTypes[],
): (interfaceName: string, canonical: string) => readonly string[] {
  const { tests, jsGuests, textGuests } = readSources(interfaces);
  return (interfaceName, canonical) => {
    const found = new Set([
      ...jsGuests.filter((guest) => jsGuestCalls(guest, interfaceName, canonical)).flatMap((guest) => guest.tests),
      ...tests.filter((test) => testCalls(test, interfaceName, canonical)).map((test) => test.path),
      ...textGuests.filter((guest) => textGuestCalls(guest, interfaceName, canonical)).flatMap((guest) => guest.tests),
    ]);
    const folder = withoutVersion(interfaceName).split("/")[0]?.replace(":", "-") ?? "";
    const distance = (path: string): number => (path.includes(`/${folder}`) ? 0 : 1);
    return [...found].toSorted((a, b) => distance(a) - distance(b) || (a < b ? -1 : 1));
  };
}
