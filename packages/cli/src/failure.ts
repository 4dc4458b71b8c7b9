/** How commands end that don't succeed. */
import { EmetError } from "@emet/contract/client";

/** What the process tells its caller. */
export const exitCodes = {
  done: 0,
  /** The server refused, or the worker failed. */
  failed: 1,
  /** The command line is wrong: a flag, a name of a function, a value that isn't of the type. */
  usage: 2,
  /** What was asked for isn't there. */
  notFound: 3,
  /** No server answers. */
  unreachable: 4,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends the command with a message and a code. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = exitCodes.failed, options: ErrorOptions = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export function usageError(message: string, options: ErrorOptions = {}): CommandError {
  return new CommandError(message, exitCodes.usage, options);
}

/** The words and the code for whatever ended a command. */
export function describeFailure(error: unknown): { readonly message: string; readonly exitCode: ExitCode } {
  if (error instanceof CommandError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof EmetError) return describeEmetError(error);
  return { message: error instanceof Error ? error.message : String(error), exitCode: exitCodes.failed };
}

function describeEmetError(error: EmetError): { readonly message: string; readonly exitCode: ExitCode } {
  switch (error.code) {
    case "unreachable":
      return {
        message: `${error.message}\nStart one with "emet start", or name another with --url or a profile`,
        exitCode: exitCodes.unreachable,
      };
    case "not-found":
      return { message: error.message, exitCode: exitCodes.notFound };
    default:
      return { message: error.message, exitCode: exitCodes.failed };
  }
}
