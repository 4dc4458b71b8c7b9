/** Gathers messages to another thread: those of one turn of the event loop go as one, which costs about as much as one. */
export class Outbox<M> {
  readonly #post: (messages: readonly M[]) => void;
  #messages: M[] = [];

  constructor(post: (messages: readonly M[]) => void) {
    this.#post = post;
  }

  send(message: M): void {
    if (this.#messages.push(message) > 1) return;
    setImmediate(() => {
      const messages = this.#messages;
      this.#messages = [];
      this.#post(messages);
    });
  }
}
