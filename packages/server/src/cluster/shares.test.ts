import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { planLowering, planRaising } from "./shares.ts";
import type { ShareChange, ShareUse } from "./shares.ts";

function apply(uses: readonly ShareUse[], changes: readonly ShareChange[]): readonly ShareUse[] {
  return uses.map((use, executor) => {
    const change = changes.find((each) => each.executor === executor);
    if (change === undefined) return use;
    return { share: change.share, fullness: (use.fullness * use.share) / change.share };
  });
}

function total(uses: readonly ShareUse[]): number {
  return uses.reduce((sum, { share }) => sum + share, 0);
}

const executors: fc.Arbitrary<readonly ShareUse[]> = fc
  .array(
    fc.record({
      part: fc.double({ min: 0.1, max: 1, noNaN: true }),
      fullness: fc.double({ min: 0, max: 1.2, noNaN: true }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((all) => {
    const whole = all.reduce((sum, { part }) => sum + part, 0);
    return all.map(({ part, fullness }) => ({ share: part / whole / 1.000_001, fullness }));
  });

describe("planLowering(), planRaising()", () => {
  it("never give out more than there is, whoever refuses to give", () => {
    fc.assert(
      fc.property(executors, fc.infiniteStream(fc.boolean()), (start, takes) => {
        let uses = start;
        const taken = planLowering(uses).filter(() => takes.next().value === true);
        for (const { executor, share } of taken) assert.ok(share < (uses[executor]?.share ?? 0));
        uses = apply(uses, taken);
        assert.ok(
          uses.every(({ fullness }, executor) => !taken.some((each) => each.executor === executor) || fullness <= 1),
        );
        for (const change of planRaising(uses)) {
          assert.ok(change.share > (uses[change.executor]?.share ?? 0));
          uses = apply(uses, [change]);
          assert.ok(total(uses) <= 1, String(total(uses)));
        }
      }),
    );
  });

  it("give what others don't use to one that is full, and leave each a part", () => {
    const uses = [
      { share: 0.5, fullness: 1 },
      { share: 0.5, fullness: 0.1 },
    ];
    const lowered = planLowering(uses);
    assert.deepEqual(lowered, [{ executor: 1, share: 0.125 }]);
    const [raised] = planRaising(apply(uses, lowered));
    assert.ok(raised !== undefined && raised.executor === 0 && raised.share > 0.87 && raised.share < 0.876);
  });

  it("change nothing while nobody needs more, or nobody has more", () => {
    assert.deepEqual(planLowering([{ share: 0.5, fullness: 0.8 }, { share: 0.5, fullness: 0 }]), []); // oxfmt-ignore
    const full = [{ share: 0.5, fullness: 1 }, { share: 0.5, fullness: 0.95 }]; // oxfmt-ignore
    assert.deepEqual([...planLowering(full), ...planRaising(full)], []);
  });
});
