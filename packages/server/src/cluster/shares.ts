/**
 * What each executor may have in memory, as its part of what all of them may: one that is full gets what others don't use.
 * All parts together are never more than the whole, whatever happens on the way from one division to the next: those that
 * give lower theirs first, and who gets raises its own when that is certain.
 */

export interface ShareUse {
  /** Its part of the whole. */
  readonly share: number;
  /** How much of that it uses; 1 or more where something waits for room. */
  readonly fullness: number;
}

/** From there on an executor needs more. */
const fullAt = 0.9;

/** Who gives keeps so much more than it uses, and at least that part of an equal share. */
const headroom = 1.5;
const leastPart = 1 / 4;

/** What is not worth the trouble, of an equal share. */
const leastChange = 1 / 16;

export interface ShareChange {
  readonly executor: number;
  readonly share: number;
}

/** Lower shares for those that can do with less; none while nobody needs more. */
export function planLowering(uses: readonly ShareUse[]): readonly ShareChange[] {
  if (!uses.some(isFull)) return [];
  const equal = 1 / uses.length;
  return uses.flatMap((use, executor) => {
    if (isFull(use)) return [];
    const share = Math.max(use.share * use.fullness * headroom, equal * leastPart);
    return use.share - share < equal * leastChange ? [] : [{ executor, share }];
  });
}

/** Higher shares for those that need more: equal parts of what nobody has. */
export function planRaising(uses: readonly ShareUse[]): readonly ShareChange[] {
  const full = uses.flatMap((use, executor) => (isFull(use) ? [{ executor, share: use.share }] : []));
  const spare = 1 - uses.reduce((sum, { share }) => sum + share, 0);
  const more = spare / full.length;
  // Rounding must not make it more than there is.
  return more < leastChange / uses.length / 2
    ? []
    : full.map((each) => ({ ...each, share: each.share + more * 0.999 }));
}

function isFull({ fullness }: ShareUse): boolean {
  return fullness >= fullAt;
}
