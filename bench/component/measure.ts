/** Timing for the component benchmarks. */
import { median } from "../harness/statistics.ts";

/** Something to be timed: does its work `count` times. */
export type Work = (count: number) => unknown;

const rounds = 15;
/** Rounds before the timed ones, in which the engine optimises. */
const warmUpRounds = 4;

/**
 * Times several works alternately, so that a busy moment of the machine hits all of them; gives the medians of the
 * rounds, in milliseconds for each time.
 */
export async function compare(works: readonly Work[], count: number): Promise<readonly number[]> {
  const times: number[][] = works.map(() => []);
  for (let round = 0; round < warmUpRounds; round++) for (const work of works) await work(count);
  for (let round = 0; round < rounds; round++) {
    for (const [index, work] of works.entries()) {
      const start = process.hrtime.bigint();
      await work(count);
      times[index]?.push(Number(process.hrtime.bigint() - start) / 1e6 / count);
    }
  }
  return times.map(median);
}
