/** The network as one worker's instance has it. */
import type { Network } from "../../platform/network/network.ts";
import { NetworkError } from "../../platform/network/network.ts";

/** Open sockets of one worker: more are a leak or an attack. */
export const socketsMax = 1000;

export class WorkerSockets {
  readonly network: Network;
  #open = 0;

  constructor(network: Network) {
    this.network = network;
  }

  /** Counts a socket. Throws `NetworkError` when there are too many. It depends on the guest's calls alone. */
  open(): void {
    if (this.#open >= socketsMax) throw new NetworkError("new-socket-limit");
    this.#open += 1;
  }

  close(): void {
    this.#open -= 1;
  }
}
