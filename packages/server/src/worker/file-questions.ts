/** What clients ask of a worker's files: answered when it rests, after what was accepted before. */
import type { FileSystem } from "../host/wasi-filesystem/file-system.ts";
import { answerFileQuestion } from "./worker-files.ts";
import type { FileAnswer, FileQuestion } from "./worker-files.ts";

interface Waiting {
  readonly question: FileQuestion;
  readonly path: string;
  /** Invocations queued at indices up to this one come first. */
  readonly after: number;
  readonly resolve: (answer: FileAnswer) => void;
  readonly reject: (error: unknown) => void;
}

export class FileQuestions {
  #waiting: readonly Waiting[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  /** Rejects with a `WorkerError`. */
  ask(question: FileQuestion, path: string, after: number): Promise<FileAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<FileAnswer>();
    this.#waiting = [...this.#waiting, { question, path, after, resolve, reject }];
    return promise;
  }

  /** Answers those that came before `nextIndex`, where the next invocation is queued. */
  answer(context: { readonly files: FileSystem }, nextIndex = Number.POSITIVE_INFINITY): void {
    if (this.#waiting.length === 0) return;
    const { files } = context;
    for (const { question, path, resolve, reject } of this.#take((waiting) => waiting.after < nextIndex)) {
      try {
        resolve(answerFileQuestion(files, question, path));
      } catch (error) {
        reject(error);
      }
    }
  }

  rejectAll(error: Error): void {
    for (const { reject } of this.#take(() => true)) reject(error);
  }

  #take(include: (waiting: Waiting) => boolean): readonly Waiting[] {
    const taken = this.#waiting.filter(include);
    this.#waiting = this.#waiting.filter((waiting) => !include(waiting));
    return taken;
  }
}
