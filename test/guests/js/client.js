import { Api, Counter } from "test:client/counters-client";

let seen = [];
let counter;

function awaited(future) {
  future.subscribe().block();
  return future.get();
}

export function count(other) {
  const mine = new Counter(other, 10n);
  const results = [mine.blockingAdd(5n)];
  mine.add(1n);
  const token = mine.scheduleAdd(100n, { seconds: 4_000_000_000n, nanoseconds: 0 });
  token.cancel();
  results.push(mine.blockingValue(), awaited(mine.value()));
  const api = new Api(other);
  results.push(api.blockingDropped());
  mine[Symbol.dispose]();
  results.push(api.blockingDropped(), awaited(api.dropped()));
  seen.push(...results);
  return BigUint64Array.from(results);
}

export function keep(other, start) {
  counter = new Counter(other, start);
}

export function kept() {
  return counter.blockingAdd(1n);
}

export function observe() {
  return BigUint64Array.from(seen);
}
