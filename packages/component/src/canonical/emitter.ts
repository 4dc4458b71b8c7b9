/**
 * Collects the source text of a generated function.
 *
 * A generated text has the form of a factory: it is given an environment (`env`: the sides of the call, the function to
 * call and `T`, the support functions) and returns functions bound to it. So a text is compiled once for a function
 * type, and each instance only makes closures.
 */
import type { ValueType } from "../types/value-type.ts";

const identifier = /^[A-Za-z_$][\w$]*$/;

/** Source text under construction. */
export class Emitter {
  #lines: string[] = [];
  readonly #prelude: string[] = [];
  readonly #constants = new Map<string, string>();
  readonly #helpers = new Map<string, Map<ValueType, string>>();
  #names = 0;
  /** How many helpers or blocks surround the present line; 0 is the function's own body, whose lines always run. */
  #depth = 0;

  /** A new unique name. */
  name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  /** Gives an expression a name, unless it is one already. */
  bind(expression: string, prefix = "v"): string {
    if (identifier.test(expression)) return expression;
    const name = this.name(prefix);
    this.line(`const ${name} = ${expression};`);
    return name;
  }

  /** Lines that run conditionally or repeatedly, between `open` and `close`. */
  block(open: string, close: string, body: () => void): void {
    this.line(open);
    this.#depth++;
    body();
    this.#depth--;
    this.line(close);
  }

  get inBlock(): boolean {
    return this.#depth > 0;
  }

  /** The name of a value computed once for each instance. */
  constant(expression: string): string {
    let name = this.#constants.get(expression);
    if (name === undefined) {
      name = this.name("k");
      this.#constants.set(expression, name);
      this.#prelude.push(`const ${name} = ${expression};`);
    }
    return name;
  }

  /** The name of support function `name`. */
  support(name: string): string {
    return this.constant(`T.${name}`);
  }

  /**
   * The name of a function for one type, made at its first use. `purpose` tells functions of different kinds for the
   * same type apart.
   */
  helper(purpose: string, type: ValueType, make: (name: string) => void): string {
    const names = this.#helpers.get(purpose) ?? new Map<ValueType, string>();
    this.#helpers.set(purpose, names);
    let name = names.get(type);
    if (name === undefined) {
      name = this.name(purpose);
      names.set(type, name);
      this.#declare(() => make(name ?? ""));
    }
    return name;
  }

  #declare(make: () => void): void {
    const outer = this.#lines;
    this.#lines = [];
    this.#depth++;
    make();
    this.#depth--;
    this.#prelude.push(...this.#lines);
    this.#lines = outer;
  }

  /** The body of the factory. */
  source(): string {
    return ['"use strict";', "const { T } = env;", ...this.#prelude, ...this.#lines].join("\n");
  }
}

/** The code of a member: quoted, so that no name can be taken for code. */
export function access(base: string, key: string | number): string {
  return `${base}[${JSON.stringify(key)}]`;
}
