/**
 * ```console
 * npm run soak                      half an hour
 * npm run soak -- --minutes 5
 * ```
 */
import { parseArgs } from "node:util";
import { seedOfRun } from "../support/seeded-random.ts";
import { soak } from "./soak.ts";

/** Of what takes less, only the sum is told. */
const leastHeldBytes = 100_000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    "kill-seconds-max": { type: "string", default: "20" },
    scale: { type: "string", default: "1" },
  },
});
const seed = seedOfRun();
console.log(`seed ${seed} (EMET_SEED)`);
const { calls, phases, held } = await soak({
  seconds: Number(values.minutes) * 60,
  killSecondsMax: Number(values["kill-seconds-max"]),
  scale: Number(values.scale),
  seed,
  log: (line) => console.log(line),
});
const all = Object.values(calls).reduce((total, count) => total + count, 0);
const megabytes = (bytes: number): number => Math.round(bytes / 1e4) / 100;
console.table(calls);
console.table(
  phases.map(({ slope, residentBytes, ...phase }) => ({
    ...phase,
    "resident MB": megabytes(residentBytes),
    "slope MB/h": slope === undefined ? undefined : megabytes(slope),
  })),
);
const most = held.filter(({ bytes }) => bytes > leastHeldBytes);
const rest = held.filter((each) => !most.includes(each)).reduce((total, { bytes }) => total + bytes, 0);
console.table(
  [...most, { what: "everything else", bytes: rest }].map(({ what, bytes }) => ({
    what,
    MB: megabytes(bytes),
    "bytes a call": Math.round(bytes / all),
  })),
);
console.log(`${all} calls, none lost or doubled`);
