/** Compiles generated source, once for each function type. */
import { support } from "./support.ts";

/** What a generated text is bound to, beside the support functions. */
export type Environment = { readonly [name: string]: unknown };

/** Makes the functions of a generated text for one instance. */
export type Factory<Result> = (environment: Environment) => Result;

/** Compiles the body of a factory. */
export function compileFactory<Result>(source: string): Factory<Result> {
  // Generated from decoded types only: no text of the component gets into it except as a JSON string.
  const make = Reflect.construct(Function, ["env", source]) as Factory<Result>;
  return (environment) => make({ T: support, ...environment });
}

/** A cache of factories by type object and variation. */
export class FactoryCache<Result> {
  readonly #known = new WeakMap<object, Map<string, Factory<Result>>>();

  /** The factory for a type in a variation, made from `source` at its first use. */
  get(type: object, variation: string, source: () => string): Factory<Result> {
    const variations = this.#known.get(type) ?? new Map<string, Factory<Result>>();
    this.#known.set(type, variations);
    let factory = variations.get(variation);
    if (factory === undefined) {
      factory = compileFactory<Result>(source());
      variations.set(variation, factory);
    }
    return factory;
  }
}
