/** The exported functions of an instance: each is made when it is asked for first. */
import type { ComponentDefinition, ExternType } from "../decode/model.ts";
import type { FunctionType } from "../types/value-type.ts";
import type { LiftedFunction } from "./exported-function.ts";
import { ExportedFunction } from "./exported-function.ts";
import { compatibleLookup } from "./import-names.ts";
import type { InstanceValue, Item } from "./items.ts";
import { failMissing } from "./linker.ts";

/** The exported functions of the root or of one exported instance, by name. */
export type ExportedFunctions = ReadonlyMap<string, ExportedFunction>;

/** What an instance exports. */
export interface InstanceExports {
  readonly functions: ExportedFunctions;
  /** By instance name as written, with version. */
  readonly instances: ReadonlyMap<string, ExportedFunctions>;
}

/** An exported function as its definition knows it. */
interface PlannedExport {
  readonly instance: string | undefined;
  readonly name: string;
  readonly type: FunctionType;
}

interface ExportPlan {
  readonly exports: readonly PlannedExport[];
  /** Positions of the functions at the root, by name. */
  readonly root: ReadonlyMap<string, number>;
  /** The same for each exported instance. */
  readonly instances: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly findInstance: (name: string) => ReadonlyMap<string, number> | undefined;
}

const plans = new WeakMap<ComponentDefinition, ExportPlan>();

function exportPlan(definition: ComponentDefinition): ExportPlan {
  let plan = plans.get(definition);
  if (plan === undefined) {
    plan = makePlan(definition);
    plans.set(definition, plan);
  }
  return plan;
}

function makePlan(definition: ComponentDefinition): ExportPlan {
  const exports: PlannedExport[] = [];
  const positions = (instance: string | undefined, externs: Iterable<readonly [string, ExternType]>) => {
    const found = new Map<string, number>();
    for (const [name, type] of externs) {
      if (type.kind !== "function") continue;
      found.set(name, exports.length);
      exports.push({ instance, name, type: type.type });
    }
    return found;
  };
  const root = positions(
    undefined,
    definition.exports.map(({ name, type }) => [name, type] as const),
  );
  const instances = new Map<string, ReadonlyMap<string, number>>();
  for (const { name, type } of definition.exports) {
    if (type.kind !== "instance") continue;
    instances.set(
      name,
      positions(
        name,
        type.exports.map((extern) => [extern.name, extern.type] as const),
      ),
    );
  }
  return { exports, root, instances, findInstance: compatibleLookup(instances) };
}

/** The exports of one instance. */
export class LinkedExports {
  readonly #plan: ExportPlan;
  readonly #fuelled: boolean;
  /** By position; undefined for what the host gave and the component exports again. */
  readonly #lifted: readonly (LiftedFunction | undefined)[];
  readonly #made: (ExportedFunction | undefined)[] = [];

  constructor(definition: ComponentDefinition, items: InstanceValue, fuelled: boolean) {
    this.#plan = exportPlan(definition);
    this.#fuelled = fuelled;
    this.#lifted = this.#plan.exports.map(({ instance, name }) => liftedOf(items, instance, name));
  }

  /** By exact name of the instance, or by that of a compatible version. */
  find(instance: string | undefined, name: string): ExportedFunction | undefined {
    const functions = instance === undefined ? this.#plan.root : this.#plan.findInstance(instance);
    const position = functions?.get(name);
    return position === undefined ? undefined : this.#at(position);
  }

  all(): InstanceExports {
    const { root, instances } = this.#plan;
    return {
      functions: this.#functions(root),
      instances: new Map([...instances].map(([name, functions]) => [name, this.#functions(functions)])),
    };
  }

  #functions(positions: ReadonlyMap<string, number>): ExportedFunctions {
    const found = [...positions].map(([name, position]) => [name, this.#at(position)] as const);
    return new Map(found.filter((entry): entry is readonly [string, ExportedFunction] => entry[1] !== undefined));
  }

  #at(position: number): ExportedFunction | undefined {
    const lifted = this.#lifted[position];
    if (lifted === undefined) return undefined;
    const { type } = this.#plan.exports[position] ?? failMissing("export", position);
    return (this.#made[position] ??= new ExportedFunction({ lifted, type, fuelled: this.#fuelled }));
  }
}

function liftedOf(items: InstanceValue, instance: string | undefined, name: string): LiftedFunction | undefined {
  let item: Item | undefined;
  if (instance === undefined) item = items.get(name);
  else {
    const found = items.get(instance);
    item = found?.sort === "instance" ? found.value.get(name) : undefined;
  }
  return item?.sort === "function" && item.value.kind === "lifted" ? item.value : undefined;
}
