/**
 * Crashes before and after every commit, in simulated storage and time. A scenario that comes to a standstill before its
 * clients are answered has lost a wake-up: that is found as well.
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { ComponentImage } from "../../packages/server/src/component/component-image.ts";
import { SeededRandom, seedOfRun } from "../support/seeded-random.ts";
import { checkStores } from "./check.ts";
import { guestImage } from "./guest-image.ts";
import type { Acknowledged, Step } from "./ledger-script.ts";
import { LedgerScript, randomSteps } from "./ledger-script.ts";
import { World } from "./world.ts";

/** More steps than any scenario takes that comes to its end. */
const stepsMax = 100_000;

/** Clients that ask again need a few steps in which nothing else happens. */
const idleStepsMax = 200;

let image: ComponentImage;
before(async () => {
  image = await guestImage("ledger");
});

/** Drives the world until the work is done. `disturb` may crash it before each step. */
async function drive(world: World, work: Promise<unknown>, disturb: () => void): Promise<void> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  work.then(settle, settle);
  let idle = 0;
  for (let count = 0; count < stepsMax; count += 1) {
    disturb();
    idle = (await world.step()) ? 0 : idle + 1;
    if (settled) return await work.then(() => undefined);
    if (idle < idleStepsMax) continue;
    if (!world.diskFull) throw new Error("everything waits: a wake-up was lost");
    world.diskFull = false;
    idle = 0;
  }
  throw new Error(`not done after ${stepsMax} steps`);
}

/** Runs scripts, one per worker, side by side; returns what was acknowledged. */
async function simulate(
  world: World,
  scripts: readonly (readonly Step[])[],
  disturb: () => void,
): Promise<readonly (readonly Acknowledged[])[]> {
  const ledgers = scripts.map((steps, index) => {
    const id = { componentId: image.componentId, workerName: `ledger-${index}` };
    return new LedgerScript(world, id, steps);
  });
  const undisturbed = (): void => {
    world.diskFull = false;
  };
  await drive(world, Promise.all(ledgers.map((ledger) => ledger.run())), disturb);
  await drive(world, Promise.all(ledgers.map((ledger) => ledger.verify())), undisturbed);
  // What nobody waits for comes to its end, too.
  while (await world.step());
  for (const ledger of ledgers) {
    const keys = ledger.acknowledged.map(({ key }) => key);
    await checkStores(world, ledger.id, keys);
  }
  // A lost process, or a refused removal, may leave a timer that wakes nobody; else each goes with what it was for.
  if (world.crashes === 0 && world.refusals === 0)
    assert.deepEqual(await world.stores.timers.due(Number.MAX_SAFE_INTEGER, 10), []);
  return ledgers.map((ledger) => ledger.acknowledged.map(comparable));
}

/** What `ask` gives is an oplog index: hints of a further run move it. */
function comparable(call: Acknowledged): Acknowledged {
  return call.functionName === "ask" ? { ...call, result: undefined } : call;
}

const everything: readonly Step[] = [
  { kind: "add", value: 1 },
  { kind: "enqueue", value: 2 },
  { kind: "sleep", value: 5 },
  { kind: "write", value: 3 },
  { kind: "sleep", value: 1000 },
  { kind: "enqueue", value: 4 },
  { kind: "enqueue", value: 5 },
  { kind: "ask", value: 6, ticks: undefined },
  { kind: "write", value: 7 },
  { kind: "ask", value: 8, ticks: 0 },
  { kind: "add", value: 9 },
];

const background: readonly Step[] = [
  { kind: "background", sleepMs: 5 },
  { kind: "background", sleepMs: 1000 },
  { kind: "enqueue", value: 1 },
  { kind: "background", sleepMs: 1000 },
];

const ends: readonly Step[] = [
  { kind: "add", value: 1 },
  { kind: "delete", ticks: 2 },
  { kind: "ask", value: 2, ticks: 0 },
  { kind: "fail", ticks: undefined },
  { kind: "add", value: 3 },
];

const interruptions: readonly Step[] = [
  { kind: "interrupt", recoverImmediately: false, sleepMs: 5, ticks: 4 },
  { kind: "interrupt", recoverImmediately: true, sleepMs: 5, ticks: 4 },
  { kind: "interrupt", recoverImmediately: false, sleepMs: 1000, ticks: 4 },
  { kind: "interrupt", recoverImmediately: true, sleepMs: 1000, ticks: 4 },
  { kind: "add", value: 1 },
];

function newWorld(seed: number, loadedWorkersMax = 100): World {
  return new World({ image, random: new SeededRandom(seed), loadedWorkersMax });
}

const scenarios = {
  everything: [everything],
  interruptions: [interruptions],
  background: [background],
  ends: [ends],
  all: [everything, interruptions, ends],
};

describe("a process lost at any step", () => {
  for (const [name, scripts] of Object.entries(scenarios)) {
    it(`changes nothing: ${name}`, async (context) => {
      const calm = newWorld(1);
      const expected = await simulate(calm, scripts, () => undefined);
      const { steps, commits } = calm;
      for (let crashAfter = 0; crashAfter <= steps; crashAfter += 1) {
        const world = newWorld(1);
        const disturb = (): void => {
          if (world.crashes === 0 && world.steps === crashAfter) world.crash();
        };
        try {
          assert.deepEqual(await simulate(world, scripts, disturb), expected);
        } catch (error) {
          throw new Error(`failed when lost after step ${crashAfter} of ${steps}`, { cause: error });
        }
      }
      context.diagnostic(`${steps + 1} crashes; ${commits} commits without one`);
    });
  }
});

describe("a process stopped at any step", () => {
  for (const [name, scripts] of Object.entries(scenarios)) {
    it(`changes nothing: ${name}`, async (context) => {
      const calm = newWorld(1);
      const expected = await simulate(calm, scripts, () => undefined);
      const { steps } = calm;
      for (let stopAfter = 0; stopAfter <= steps; stopAfter += 1) {
        const world = newWorld(1);
        let stopped: Promise<void> | undefined;
        const disturb = (): void => {
          if (stopped === undefined && world.steps === stopAfter) stopped = world.stop();
        };
        try {
          assert.deepEqual(await simulate(world, scripts, disturb), expected);
          await stopped;
        } catch (error) {
          throw new Error(`failed when stopped after step ${stopAfter} of ${steps}`, { cause: error });
        }
      }
      context.diagnostic(`${steps + 1} stops`);
    });
  }
});

describe("what comes at any moment", () => {
  const momentsMax = 14;
  const atMoment: { readonly [name: string]: (ticks: number) => readonly Step[] } = {
    "a completed promise": (ticks) => [{ kind: "ask", value: 1, ticks }],
    "an interruption of a short sleep": (ticks) => [
      { kind: "interrupt", recoverImmediately: false, sleepMs: 5, ticks },
      { kind: "add", value: 1 },
    ],
    "an interruption of a long sleep": (ticks) => [
      { kind: "interrupt", recoverImmediately: false, sleepMs: 1000, ticks },
      { kind: "add", value: 1 },
    ],
    "a simulated crash in a short sleep": (ticks) => [
      { kind: "interrupt", recoverImmediately: true, sleepMs: 5, ticks },
      { kind: "add", value: 1 },
    ],
    "a simulated crash in a long sleep": (ticks) => [
      { kind: "interrupt", recoverImmediately: true, sleepMs: 1000, ticks },
      { kind: "add", value: 1 },
    ],
    "a deletion": (ticks) => [
      { kind: "ask", value: 1, ticks: undefined },
      { kind: "delete", ticks },
      { kind: "ask", value: 2, ticks: 3 },
    ],
    "an interruption of retries": (ticks) => [
      { kind: "fail", ticks },
      { kind: "add", value: 1 },
    ],
  };
  for (const [name, script] of Object.entries(atMoment)) {
    it(`changes nothing: ${name}`, async () => {
      for (let ticks = 0; ticks <= momentsMax; ticks += 1) {
        try {
          await simulate(newWorld(1), [script(ticks)], () => undefined);
        } catch (error) {
          throw new Error(`failed at moment ${ticks}`, { cause: error });
        }
      }
    });
  }
});

describe("processes lost at random", () => {
  const scenarioCount = Number(process.env["EMET_SIM_SCENARIOS"] ?? 150);
  it(`${scenarioCount} scenarios lose nothing and do nothing twice`, async (context) => {
    const firstSeed = seedOfRun();
    context.diagnostic(`first seed ${firstSeed} (EMET_SEED)`);
    let crashes = 0;
    let commits = 0;
    for (let scenario = 0; scenario < scenarioCount; scenario += 1) {
      const seed = (firstSeed + scenario) >>> 0;
      const random = new SeededRandom(seed);
      const world = newWorld(seed + 1, random.pick([1, 2, 100]));
      const scripts = Array.from({ length: random.integer(1, 4) }, () => randomSteps(random, random.integer(1, 12)));
      const fullEvery = random.pick([0, 0, 20, 100]);
      const crashEvery = random.pick([10, 30, 100, 1000]);
      const disturb = (): void => {
        if (random.integer(1, crashEvery) === 1) world.crash();
        if (random.integer(1, crashEvery) === 1) void world.stop();
        if (random.integer(1, 10) === 1) world.passTime();
        if (fullEvery > 0 && random.integer(1, fullEvery) === 1) world.diskFull = !world.diskFull;
      };
      try {
        await simulate(world, scripts, disturb);
      } catch (error) {
        throw new Error(`failed with EMET_SEED=${seed}`, { cause: error });
      }
      crashes += world.crashes;
      commits += world.commits;
    }
    context.diagnostic(`${crashes} crashes, ${commits} commits`);
  });
});
