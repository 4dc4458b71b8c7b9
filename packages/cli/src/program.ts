/** The command line: makes commander's commands of ours, and runs the one that is meant. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { AnyCommand, ArgumentSpec, OptionSpec } from "./command.ts";
import { flagOf } from "./command.ts";
import { commands, nouns } from "./commands/index.ts";
import type { CommandModule, Noun } from "./commands/index.ts";
import { describeFailure, exitCodes } from "./failure.ts";
import { globalOptions } from "./global-options.ts";
import { paintError } from "./output/style.ts";
import { openSession } from "./session.ts";
import { version } from "./version.ts";

const epilogue = `
Exit codes: 0 done, 1 the server refused or the worker failed, 2 the command line is wrong, 3 not found,
4 no server answers, 130 Ctrl-C.
Results go to standard output, everything else to standard error. Colours respect NO_COLOR and FORCE_COLOR.`;

/** Runs a command line, without the program's name. Sets the process's exit code. */
export async function runProgram(words: readonly string[]): Promise<void> {
  try {
    const program = await buildProgram(words);
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    process.exitCode = reported(error);
  }
}

function reported(error: unknown): number {
  // Commander has said what was wrong.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  const { message, exitCode } = describeFailure(error);
  process.stderr.write(`${paintError("red", "emet:")} ${message}\n`);
  return exitCode;
}

/** Modules are loaded only for the commands that the words may mean. */
async function buildProgram(words: readonly string[]): Promise<Command> {
  const program = newCommand("emet");
  program.description("Durable WebAssembly workers").version(version()).addHelpText("after", epilogue);
  // Global options stand before the noun or after the verb; there a command's own may have their names.
  program.enablePositionalOptions();
  for (const [name, option] of Object.entries(globalOptions)) addOption(program, name, option);
  const [first, second] = operands(words);
  for (const [name, noun] of Object.entries(nouns)) {
    const command = program.command(name).description(noun.summary);
    configure(command);
    if (name === first || first === "help") await addVerbs(command, name, noun, second);
  }
  for (const [name, { summary, hidden, load }] of Object.entries(commands)) {
    const command = program.command(name, hidden === true ? { hidden: true } : {}).description(summary);
    configure(command);
    if (name === first || first === "help") fill(command, name, await load());
  }
  return program;
}

async function addVerbs(parent: Command, nounName: string, noun: Noun, verb: string | undefined): Promise<void> {
  const asked = verb === undefined ? undefined : (noun.aliases?.[verb] ?? verb);
  const one = asked === undefined ? undefined : noun.commands[asked];
  const verbs = asked === undefined || one === undefined ? Object.entries(noun.commands) : [[asked, one] as const];
  for (const [name, load] of verbs) {
    const command = parent.command(name);
    for (const [alias, target] of Object.entries(noun.aliases ?? {})) if (target === name) command.alias(alias);
    configure(command);
    fill(command, `${nounName} ${name}`, await load());
  }
}

function newCommand(name: string): Command {
  const command = new Command(name);
  configure(command);
  return command;
}

function configure(command: Command): void {
  command.exitOverride().showHelpAfterError("(--help tells what it takes)").allowExcessArguments(false);
}

/** The words that aren't options nor their values, as far as that can be told before any command is known. */
function operands(words: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const options: readonly (readonly [string, OptionSpec])[] = Object.entries(globalOptions);
    const takesValue = options.some(
      ([name, { kind, short }]) => kind !== "flag" && (word === flagOf(name) || word === `-${short ?? " "}`),
    );
    if (takesValue) index += 1;
    else if (!word.startsWith("-")) found.push(word);
  }
  return found;
}

function fill(command: Command, path: string, { command: spec, configure: special }: CommandModule): void {
  command.description(spec.details === undefined ? spec.summary : `${spec.summary}\n\n${spec.details}`);
  command.summary(spec.summary);
  for (const [name, argument] of Object.entries(spec.arguments)) addArgument(command, name, argument);
  for (const [name, option] of Object.entries(spec.options)) addOption(command, name, option);
  if (special !== undefined) {
    special(command);
  } else {
    for (const [name, option] of Object.entries(globalOptions)) addOption(command, name, option);
    const examples = spec.examples.map(({ line, summary }) => `  ${line}\n      ${summary}`);
    if (examples.length > 0) command.addHelpText("after", `\nExamples:\n${examples.join("\n")}`);
    command.action(async () => await runCommand(command, spec));
  }
  // The path is what an example begins with; a wrong one would be in the help and in the documentation.
  const wrong = spec.examples.find(({ line }) => !line.includes(`emet ${path}`));
  if (wrong !== undefined) throw new Error(`"${wrong.line}" is no example of emet ${path}`);
}

async function runCommand(command: Command, spec: AnyCommand): Promise<void> {
  const values = command.optsWithGlobals<{ readonly [name: string]: unknown }>();
  const names = Object.keys(spec.arguments);
  const args = Object.fromEntries(names.map((name, index) => [name, command.processedArgs[index] as unknown]));
  const options = Object.fromEntries(
    Object.entries(spec.options).map(([name, { kind }]) => [name, values[name] ?? emptyValues[kind]]),
  );
  const session = openSession(values, process.env);
  process.on("SIGINT", () => process.exit(exitCodes.interrupted));
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever read has read enough.
    if (error.code === "EPIPE") process.exit(exitCodes.done);
    throw error;
  });
  await spec.run({ args, options, session } as never);
}

const emptyValues = { flag: false, list: [], text: undefined, integer: undefined } as const;

/** `fromIndex` → `<from-index>`. */
function addArgument(command: Command, name: string, { summary, optional, variadic }: ArgumentSpec): void {
  const label = `${flagOf(name).slice(2)}${variadic === true ? "..." : ""}`;
  command.argument(optional === true || variadic === true ? `[${label}]` : `<${label}>`, summary);
}

export function flagsText(name: string, option: OptionSpec): string {
  const value = option.kind === "flag" ? "" : ` <${option.value}>`;
  return `${option.short === undefined ? "" : `-${option.short}, `}${flagOf(name)}${value}`;
}

function addOption(command: Command, name: string, spec: OptionSpec): void {
  const option = new Option(flagsText(name, spec), spec.summary);
  if (spec.kind !== "flag" && spec.choices !== undefined) option.choices(spec.choices);
  if (spec.kind === "integer") option.argParser(integerOf);
  // Each occurrence gives one value, so that arguments may follow.
  if (spec.kind === "list")
    option.argParser((value: string, list: readonly string[] | undefined) => [...(list ?? []), value]);
  command.addOption(option);
}

function integerOf(text: string): number {
  const value = Number(text);
  if (!/^\d{1,15}$/u.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return value;
}
