/** What an executor asks of the main thread: things that belong to no worker of its own. */
import type { ComponentImage } from "../component/component-image.ts";
import type { InvocationOutput } from "./invocation-form.ts";
import type { ForkCommand, InvokeCommand, Request, RevertCommand, UpdateCommand } from "./messages.ts";

/** By kind: what is asked, and what is answered. */
export interface Questions {
  /** A compiled version; undefined when there is none. */
  readonly image: {
    readonly asked: { readonly componentId: string; readonly version: number };
    readonly answered: ComponentImage | undefined;
  };
  /** An invocation of a worker of whatever executor. */
  readonly invoke: {
    readonly asked: Omit<InvokeCommand, "kind" | "latestVersion"> & {
      /** That a worker created by this gets, if it isn't the latest. */
      readonly version?: number;
    };
    readonly answered: InvocationOutput | undefined;
  };
  /** What is to be done to a worker of whatever executor. */
  readonly command: { readonly asked: UpdateCommand | RevertCommand | ForkCommand; readonly answered: undefined };
  /** What is to be done for a worker whose shard has left the executor that asks. */
  readonly "pass-on": {
    readonly asked: Extract<Request, { readonly kind: "activate" | "deliver" }>;
    readonly answered: undefined;
  };
  /** The id of the component with this name. */
  readonly component: { readonly asked: { readonly name: string }; readonly answered: string | undefined };
}

export type QuestionKind = keyof Questions;

export type Question = {
  readonly [K in QuestionKind]: { readonly kind: K; readonly asked: Questions[K]["asked"] };
}[QuestionKind];

/** Rejects with a `WorkerError`. */
export type Ask = <K extends QuestionKind>(kind: K, asked: Questions[K]["asked"]) => Promise<Questions[K]["answered"]>;

/** One function for each kind. */
export type Answers = {
  readonly [K in QuestionKind]: (asked: Questions[K]["asked"]) => Promise<Questions[K]["answered"]>;
};

/** Asks over a channel: numbers the questions and finds the answer's question again. */
export class Asking {
  readonly #post: (call: number, question: Question) => void;
  readonly #calls = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();
  #nextCall = 0;

  constructor(post: (call: number, question: Question) => void) {
    this.#post = post;
  }

  readonly ask: Ask = async (kind, asked) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const call = this.#nextCall++;
    this.#calls.set(call, { resolve, reject });
    this.#post(call, { kind, asked } as Question);
    return (await promise) as Questions[typeof kind]["answered"];
  };

  answered(call: number, value: unknown): void {
    this.#take(call)?.resolve(value);
  }

  refused(call: number, error: Error): void {
    this.#take(call)?.reject(error);
  }

  #take(
    call: number,
  ): { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void } | undefined {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    return waiting;
  }
}

/** Answers one question by its kind. */
export function answer(answers: Answers, question: Question): Promise<unknown> {
  const { kind, asked } = question;
  return (answers[kind] as (asked: unknown) => Promise<unknown>)(asked);
}
