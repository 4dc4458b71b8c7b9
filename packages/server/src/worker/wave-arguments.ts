/** Constructor arguments in function names: WAVE text (spec/service.md §4.3). */
import { parseWave, WaveError } from "@emet/contract";
import type { Field, Value } from "@emet/component";
import { badRequest } from "./worker-error.ts";

/** Throws `WorkerError` (400) when the text doesn't fit the parameters. */
export function parseArguments(parameters: readonly Field[], text: string): readonly Value[] {
  try {
    const tuple = parseWave({ kind: "tuple", items: parameters.map((parameter) => parameter.type) }, `(${text})`);
    return tuple as readonly Value[];
  } catch (error) {
    if (error instanceof WaveError) throw badRequest(`cannot read the arguments (${text}): ${error.message}`);
    throw error;
  }
}
