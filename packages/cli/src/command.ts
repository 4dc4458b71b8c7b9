/** A command is data and a handler: what it takes, what it is for, and what it does. */
import type { Session } from "./session.ts";

/** What the shell can complete a word with. */
export type Completion = "component" | "worker" | "function" | "plugin" | "profile" | "file";

export interface ArgumentSpec {
  readonly summary: string;
  readonly optional?: true;
  /** Takes all words that are left. */
  readonly variadic?: true;
  readonly completes?: Completion;
}

interface OptionBase {
  /** One letter. */
  readonly short?: string;
  readonly summary: string;
}

export type OptionSpec =
  | (OptionBase & { readonly kind: "flag" })
  | (OptionBase & {
      readonly kind: "text" | "integer" | "list";
      /** What stands for the value in help. */
      readonly value: string;
      readonly choices?: readonly string[];
      readonly completes?: Completion;
    });

export type ArgumentSpecs = { readonly [name: string]: ArgumentSpec };
export type OptionSpecs = { readonly [name: string]: OptionSpec };

type ArgumentValue<S extends ArgumentSpec> = S extends { readonly variadic: true }
  ? readonly string[]
  : S extends { readonly optional: true }
    ? string | undefined
    : string;

type OptionValue<S extends OptionSpec> = S["kind"] extends "flag"
  ? boolean
  : S["kind"] extends "integer"
    ? number | undefined
    : S["kind"] extends "list"
      ? readonly string[]
      : string | undefined;

export interface Example {
  /** The whole line, beginning with `emet`. */
  readonly line: string;
  readonly summary: string;
}

export interface CommandInput<A extends ArgumentSpecs, O extends OptionSpecs> {
  readonly args: { readonly [name in keyof A]: ArgumentValue<A[name]> };
  readonly options: { readonly [name in keyof O]: OptionValue<O[name]> };
  readonly session: Session;
}

export interface CommandSpec<A extends ArgumentSpecs = ArgumentSpecs, O extends OptionSpecs = OptionSpecs> {
  readonly summary: string;
  /** More than fits into a line. */
  readonly details?: string;
  /** In their order. */
  readonly arguments: A;
  /** By their names in camelCase; `dryRun` is `--dry-run`. */
  readonly options: O;
  readonly examples: readonly Example[];
  readonly run: (input: CommandInput<A, O>) => Promise<void>;
}

/** A command whatever it takes. */
export type AnyCommand = Omit<CommandSpec, "run"> & { readonly run: (input: never) => Promise<void> };

/** Checks a command's data against its handler. */
export function defineCommand<const A extends ArgumentSpecs, const O extends OptionSpecs>(
  spec: CommandSpec<A, O>,
): AnyCommand {
  return spec;
}

/** `dryRun` → `--dry-run`. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`;
}
