/** lazy-db-value and lazy-db-column-type: the parts of values and types, as resources. */
import type { DbColumnType, DbValue } from "../generated/golem-rdbms/postgres.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import type { ResourceTable } from "../resource-table.ts";
import type { BoundTree, TypeTree, ValueTree } from "./postgres-trees.ts";

const savedValue = savedKind<ValueTree>("lazy-db-value", (tree) => new LazyDbValue(tree));
const savedType = savedKind<TypeTree>("lazy-db-column-type", (tree) => new LazyDbColumnType(tree));

export class LazyDbValue extends HostObject {
  readonly tree: ValueTree;

  constructor(tree: ValueTree) {
    super();
    this.tree = tree;
  }

  override save(): SavedObject {
    return savedValue(this.tree);
  }
}

export class LazyDbColumnType extends HostObject {
  readonly tree: TypeTree;

  constructor(tree: TypeTree) {
    super();
    this.tree = tree;
  }

  override save(): SavedObject {
    return savedType(this.tree);
  }
}

type Bound = Extract<DbValue, { readonly tag: "range" }>["val"]["value"]["start"];

/** The guest owns the parts of what it gets, and no longer those of what it gives. */
export class LazyValues {
  readonly #resources: ResourceTable;

  constructor(resources: ResourceTable) {
    this.#resources = resources;
  }

  readonly toGuest = (tree: ValueTree): DbValue => {
    const give = (part: ValueTree): number => this.#resources.add(new LazyDbValue(part));
    switch (tree.tag) {
      case "array":
        return { tag: "array", val: tree.val.map(give) };
      case "composite":
        return { tag: "composite", val: { name: tree.val.name, values: tree.val.values.map(give) } };
      case "domain":
        return { tag: "domain", val: { name: tree.val.name, value: give(tree.val.value) } };
      case "range": {
        const bound = (side: BoundTree): Bound =>
          side.tag === "unbounded" ? { tag: "unbounded" } : { tag: side.tag, val: give(side.val) };
        const { start, end } = tree.val.value;
        return { tag: "range", val: { name: tree.val.name, value: { start: bound(start), end: bound(end) } } };
      }
      default:
        return tree;
    }
  };

  readonly fromGuest = (value: DbValue): ValueTree => {
    switch (value.tag) {
      case "array":
        return { tag: "array", val: value.val.map(this.#take) };
      case "composite":
        return { tag: "composite", val: { name: value.val.name, values: value.val.values.map(this.#take) } };
      case "domain":
        return { tag: "domain", val: { name: value.val.name, value: this.#take(value.val.value) } };
      case "range": {
        const bound = (side: Bound): BoundTree =>
          side.tag === "unbounded" ? { tag: "unbounded" } : { tag: side.tag, val: this.#take(side.val) };
        const { start, end } = value.val.value;
        return { tag: "range", val: { name: value.val.name, value: { start: bound(start), end: bound(end) } } };
      }
      default:
        return value;
    }
  };

  readonly typeToGuest = (tree: TypeTree): DbColumnType => {
    const give = (part: TypeTree): number => this.#resources.add(new LazyDbColumnType(part));
    switch (tree.tag) {
      case "array":
        return { tag: "array", val: give(tree.val) };
      case "composite": {
        const attributes = tree.val.attributes.map(([name, type]) => [name, give(type)] as const);
        return { tag: "composite", val: { name: tree.val.name, attributes } };
      }
      case "domain":
      case "range":
        return { tag: tree.tag, val: { name: tree.val.name, baseType: give(tree.val.baseType) } };
      default:
        return tree;
    }
  };

  readonly typeFromGuest = (type: DbColumnType): TypeTree => {
    switch (type.tag) {
      case "array":
        return { tag: "array", val: this.#takeType(type.val) };
      case "composite": {
        const attributes = type.val.attributes.map(([name, part]) => [name, this.#takeType(part)] as const);
        return { tag: "composite", val: { name: type.val.name, attributes } };
      }
      case "domain":
      case "range":
        return { tag: type.tag, val: { name: type.val.name, baseType: this.#takeType(type.val.baseType) } };
      default:
        return type;
    }
  };

  readonly #take = (representation: number): ValueTree => {
    const { tree } = this.#resources.get(representation, LazyDbValue);
    this.#resources.remove(representation);
    return tree;
  };

  #takeType(representation: number): TypeTree {
    const { tree } = this.#resources.get(representation, LazyDbColumnType);
    this.#resources.remove(representation);
    return tree;
  }
}
