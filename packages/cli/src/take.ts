/** The first items; all if no count is given. */
export async function* take<T>(items: AsyncIterable<T>, count: number | undefined): AsyncGenerator<T> {
  if (count === 0) return;
  let taken = 0;
  for await (const item of items) {
    yield item;
    taken += 1;
    if (taken === count) return;
  }
}
