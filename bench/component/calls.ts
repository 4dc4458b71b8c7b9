/**
 * Calls through the component runtime against the same calls through jco, in one run:
 * `node --conditions=source bench/component/calls.ts`
 */
import { compile, decode, hostInstances, instantiate, withoutRewriting } from "@emet/component";
import type { ExportedFunction, FuelHooks, HostFunction, Imports, Instance, Value } from "@emet/component";
import { guestBytes } from "./guest.ts";
import { transpileGuest } from "./jco-guest.ts";
import { compare, print } from "./measure.ts";
import type { Row, Work } from "./measure.ts";

const datetime = { seconds: 1_763_000_000n, nanoseconds: 5 };
const now = (): unknown => datetime;
const nowLater = (): unknown => Promise.resolve(datetime);

const bytes = await guestBytes();
const component = await compile(withoutRewriting(decode(bytes), bytes));

function imports(clock: HostFunction): Imports {
  return {
    instance: hostInstances({ "wasi:clocks/wall-clock@0.2.0": { functions: { now: clock }, resources: {} } }),
    missing: ({ name }) => ({ kind: "sync", call: () => Promise.reject(new Error(`missing ${name}`)) }),
  };
}

function exported(instance: Instance, name: string): ExportedFunction {
  const found = instance.function(undefined, name);
  if (found === undefined) throw new Error(`the guest has no export ${name}`);
  return found;
}

const plain = await instantiate(component, imports({ kind: "sync", call: now }));
const suspending = await instantiate(component, imports({ kind: "suspending", call: now }));
const later = await instantiate(component, imports({ kind: "suspending", call: nowLater }));
const jcoSync = await transpileGuest(bytes, "sync");
const jcoJspi = await transpileGuest(bytes, "jspi");
const sync = await jcoSync(now);
const jspi = await jcoJspi(now);
const jspiLater = await jcoJspi(nowLater);

const short = "hello world";
const long = "a somewhat longer text with a ☃ in it, ".repeat(25);
const item = ["a thing", 3, 1.5];

function loopSync(instance: Instance, name: string, parameter: Value): Work {
  const call = exported(instance, name);
  const parameters = [parameter];
  return (count) => {
    for (let index = 0; index < count; index++) call.callSync(parameters);
  };
}

function loop(instance: Instance, name: string, parameter: Value): Work {
  const call = exported(instance, name);
  const parameters = [parameter];
  return async (count) => {
    for (let index = 0; index < count; index++) await call.call(parameters);
  };
}

function jcoLoopSync<Parameter>(call: (parameter: Parameter) => unknown, parameter: Parameter): Work {
  return (count) => {
    for (let index = 0; index < count; index++) call(parameter);
  };
}

function jcoLoop<Parameter>(call: (parameter: Parameter) => unknown, parameter: Parameter): Work {
  return async (count) => {
    for (let index = 0; index < count; index++) await call(parameter);
  };
}

const rows: Row[] = [];

async function row(what: string, target: string, count: number, works: readonly Work[]): Promise<void> {
  const [emet = NaN, jco = NaN] = await compare(works, count);
  rows.push({ what, target, emet, jco });
}

await row("echo, 11 characters, JSPI", "<= 1 µs, >= 5x", 10_000, [
  loop(suspending, "echo", short),
  jcoLoop(jspi.echo, short),
]);
await row("echo, 11 characters, sync", "", 20_000, [loopSync(plain, "echo", short), jcoLoopSync(sync.echo, short)]);
await row("echo, 975 characters, JSPI", "", 5_000, [loop(suspending, "echo", long), jcoLoop(jspi.echo, long)]);
await row("echo, 975 characters, sync", "", 5_000, [loopSync(plain, "echo", long), jcoLoopSync(sync.echo, long)]);
await row("tuple of three, JSPI", "", 5_000, [loop(suspending, "describe", item), jcoLoop(jspi.describe, item)]);
await row("tuple of three, sync", "", 5_000, [loopSync(plain, "describe", item), jcoLoopSync(sync.describe, item)]);

const clockReads = (instance: Instance): Work => {
  const call = exported(instance, "read-clock");
  return (count) => call.call([count]);
};
await row("import call, sync host function", "<= 0.1 µs", 50_000, [
  clockReads(plain),
  (count) => sync.readClock(count),
]);
await row("import call, suspending, value at hand", "<= 0.4 µs, >= 30x", 10_000, [
  clockReads(suspending),
  (count) => jspi.readClock(count),
]);
await row("import call, suspending, promise", "", 5_000, [clockReads(later), (count) => jspiLater.readClock(count)]);

const wanted = imports({ kind: "sync", call: now });
const hooks: FuelHooks = { slice: 1_000_000, tick: () => 0, wait: () => false };
await row(`instantiation, ${(bytes.length / 1024).toFixed(0)} KB`, "<= 2 ms", 50, [
  async (count) => {
    for (let index = 0; index < count; index++) await instantiate(component, wanted, { fuel: hooks });
  },
  async (count) => {
    for (let index = 0; index < count; index++) await jcoJspi(now);
  },
]);

print(rows);
