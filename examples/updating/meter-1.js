let total = 0;

export const meter = {
  add(amount) {
    total += amount;
    return total;
  },
};

export const saveSnapshot = {
  save: () => new TextEncoder().encode(JSON.stringify({ total })),
};

export const loadSnapshot = {
  load(bytes) {
    ({ total } = JSON.parse(new TextDecoder().decode(bytes)));
  },
};
