/** Instantiates a component definition: runs its initializers in order. */
import type { ResourceType } from "../canonical/component-state.ts";
import { ComponentState } from "../canonical/component-state.ts";
import type { ComponentDefinition, Initializer, ResourceVariable, SortIndex } from "../decode/model.ts";
import { ComponentError } from "../errors.ts";
import { CoreSpaces } from "./core-spaces.ts";
import { CanonicalLinker } from "./functions.ts";
import { ResourceScope } from "./resource-scope.ts";
import type { ComponentValue, InstanceValue, Item, ItemValue } from "./items.ts";
import type { Linker } from "./linker.ts";
import { failMissing } from "./linker.ts";

/** What an instantiation of a definition is given. */
export interface DefinitionInputs {
  readonly definition: ComponentDefinition;
  readonly parent: ComponentState | undefined;
  /** The item for each import. */
  readonly imported: ReadonlyMap<string, Item>;
  readonly captures: readonly Item[];
}

/** The exports of a fresh instance of a definition, and the state that was made for it. */
export interface LinkedDefinition {
  readonly exports: InstanceValue;
  readonly resources: ResourceScope;
}

/** Instantiates a definition. */
export function instantiateDefinition(linker: Linker, inputs: DefinitionInputs): LinkedDefinition {
  const instance = new DefinitionInstance(linker, inputs);
  return { exports: instance.run(), resources: instance.resources };
}

type Spaces = { readonly [Sort in Item["sort"]]: ItemValue<Sort>[] };

class DefinitionInstance {
  readonly resources: ResourceScope;
  readonly #state: ComponentState;
  readonly #linker: Linker;
  readonly #inputs: DefinitionInputs;
  readonly #core: CoreSpaces;
  readonly #canonical: CanonicalLinker;
  readonly #spaces: Spaces = { function: [], instance: [], component: [], "core-module": [], type: [] };
  /** How many lower initializers are still to come; until then it is open whether this instance may suspend. */
  #lowersLeft: number;

  constructor(linker: Linker, inputs: DefinitionInputs) {
    this.#linker = linker;
    this.#inputs = inputs;
    this.#state = new ComponentState(linker.guest, inputs.parent);
    const { definition } = inputs;
    this.resources = new ResourceScope(definition.resources.length, (variable) => this.#findResource(variable));
    this.#core = new CoreSpaces(linker);
    const owner = { state: this.#state, resources: this.resources };
    this.#canonical = new CanonicalLinker(linker, { definition, core: this.#core, owner });
    this.#lowersLeft = definition.initializers.filter((one) => one.kind === "lower").length;
    this.#state.settled = this.#lowersLeft === 0;
  }

  run(): InstanceValue {
    for (const initializer of this.#inputs.definition.initializers) this.#run(initializer);
    const exports = this.#instanceOf(this.#inputs.definition.exports);
    this.resources.settle();
    return exports;
  }

  #run(initializer: Initializer): void {
    switch (initializer.kind) {
      case "import":
        if (initializer.sort !== "type") this.#define(this.#imported(initializer.name));
        return;
      case "core-module":
        this.#spaces["core-module"].push(initializer.module);
        return;
      case "core-instantiate":
        this.#core.instantiate(this.#value("core-module", initializer.module), initializer.arguments);
        return;
      case "core-instance-exports":
        this.#core.instanceOf(initializer.exports);
        return;
      case "core-alias":
        this.#core.alias(initializer);
        return;
      case "component": {
        const captures = initializer.captures.map((item) => this.#item(item));
        const value: ComponentValue = { definition: initializer.definition, captures, parent: this.#state };
        this.#spaces.component.push(value);
        return;
      }
      case "captured":
        this.#define(this.#inputs.captures[initializer.capture] ?? failMissing("capture", initializer.capture));
        return;
      case "instantiate":
        this.#instantiate(initializer);
        return;
      case "instance-exports":
        this.#spaces.instance.push(this.#instanceOf(initializer.exports));
        return;
      case "alias": {
        const item = this.#value("instance", initializer.instance).get(initializer.name);
        if (initializer.sort !== "type") this.#define(item ?? failMissing("export", initializer.name));
        return;
      }
      case "export":
        if (initializer.item.sort !== "type") this.#define(this.#item(initializer.item));
        return;
      case "unsupported":
        throw new ComponentError("unsupported", `not supported: ${initializer.what}`, { offset: initializer.offset });
      default:
        this.#runCanonical(initializer);
    }
  }

  #runCanonical(initializer: Extract<Initializer, { readonly kind: "lift" | "lower" | `resource${string}` }>): void {
    switch (initializer.kind) {
      case "lift":
        this.#spaces.function.push(this.#canonical.lift(initializer));
        return;
      case "lower":
        this.#canonical.lower(initializer, this.#value("function", initializer.function));
        this.#state.settled = --this.#lowersLeft === 0;
        return;
      case "resource":
        this.resources.define(
          initializer.resource,
          this.#canonical.resource(initializer, this.#variable(initializer.resource)),
        );
        return;
      default:
        this.#canonical.resourceFunction(initializer);
    }
  }

  #instantiate({ component, arguments: given }: Extract<Initializer, { readonly kind: "instantiate" }>): void {
    const { definition, captures, parent } = this.#value("component", component);
    const inner = this.#linker.component.decoded.definitions[definition] ?? failMissing("definition", definition);
    const imported = new Map(given.map(({ name, item }) => [name, this.#item(item)]));
    const { exports } = instantiateDefinition(this.#linker, { definition: inner, parent, imported, captures });
    this.#spaces.instance.push(exports);
  }

  #imported(name: string): Item {
    return this.#inputs.imported.get(name) ?? failMissing("import", name);
  }

  #instanceOf(exports: readonly { readonly name: string; readonly item: SortIndex }[]): InstanceValue {
    return new Map(exports.map(({ name, item }) => [name, this.#item(item)]));
  }

  #define(item: Item): void {
    (this.#spaces[item.sort] as Item["value"][]).push(item.value);
  }

  #value<Sort extends Exclude<Item["sort"], "type">>(sort: Sort, index: number): ItemValue<Sort> {
    const value = this.#spaces[sort][index];
    return value ?? failMissing(sort, index);
  }

  #item({ sort, index }: SortIndex): Item {
    if (sort === "type") return { sort, value: index < 0 ? undefined : this.resources.find(index) };
    return { sort, value: this.#value(sort, index) } as Item;
  }

  #variable(variable: number): ResourceVariable {
    return this.#inputs.definition.resources[variable] ?? failMissing("resource variable", variable);
  }

  #findResource(variable: number): ResourceType | undefined {
    const origin = this.#variable(variable);
    let found: Item | undefined;
    if (origin.kind === "imported") {
      const [name = "", ...path] = origin.path;
      found = follow(this.#imported(name), path);
    } else if (origin.kind === "instance") {
      found = follow({ sort: "instance", value: this.#value("instance", origin.instance) }, origin.path);
    }
    return found?.sort === "type" ? found.value : undefined;
  }
}

function follow(item: Item | undefined, path: readonly string[]): Item | undefined {
  return path.reduce<Item | undefined>((at, name) => (at?.sort === "instance" ? at.value.get(name) : undefined), item);
}
