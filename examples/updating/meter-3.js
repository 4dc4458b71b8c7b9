let total = 0;
let changedAt = 0;

export const meter = {
  add(amount) {
    // The earlier versions did not look at the clock: what they did can't be done again by this one.
    changedAt = Date.now();
    total += amount;
    return total;
  },
};

export const saveSnapshot = {
  save: () => new TextEncoder().encode(JSON.stringify({ total, changedAt })),
};

export const loadSnapshot = {
  load(bytes) {
    ({ total, changedAt = 0 } = JSON.parse(new TextDecoder().decode(bytes)));
  },
};
