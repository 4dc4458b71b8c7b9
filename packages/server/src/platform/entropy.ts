import { randomFillSync, randomUUID } from "node:crypto";

/** The source of randomness, so that tests can fix it. */
export interface Entropy {
  readonly fill: (bytes: Uint8Array) => void;
  readonly uuid: () => string;
  /** In [0, 1), for jitter; not for guests. */
  readonly fraction: () => number;
}

export function systemEntropy(): Entropy {
  return {
    fill: (bytes) => {
      randomFillSync(bytes);
    },
    uuid: () => randomUUID(),
    fraction: () => Math.random(),
  };
}
