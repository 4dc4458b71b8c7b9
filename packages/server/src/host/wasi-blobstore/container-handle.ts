import { HostObject } from "../resource-table.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { nameProblem } from "../store-calls.ts";

const savedContainer = savedKind(
  "container",
  ({ name, createdAt }: { readonly name: string; readonly createdAt: bigint }) => new Container(name, createdAt),
);

/** What a guest holds of a container: its name, and when it was created, as it was when it was asked for. */
export class Container extends HostObject {
  readonly containerName: string;
  readonly createdAt: bigint;

  constructor(containerName: string, createdAt: bigint) {
    super();
    this.containerName = containerName;
    this.createdAt = createdAt;
  }

  override save(): SavedObject {
    return savedContainer({ name: this.containerName, createdAt: this.createdAt });
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
