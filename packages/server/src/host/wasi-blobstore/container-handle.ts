import { HostObject } from "../resource-table.ts";
import { nameProblem } from "../store-calls.ts";

/** What a guest holds of a container: its name, and when it was created, as it was when it was asked for. */
export class Container extends HostObject {
  readonly containerName: string;
  readonly createdAt: bigint;

  constructor(containerName: string, createdAt: bigint) {
    super();
    this.containerName = containerName;
    this.createdAt = createdAt;
  }
}

export function milliseconds(ms: number): bigint {
  return BigInt(Math.floor(ms));
}

export function containerProblem(name: string): string | undefined {
  return nameProblem("container's name", name);
}

export function objectProblem(name: string): string | undefined {
  return nameProblem("object's name", name);
}
