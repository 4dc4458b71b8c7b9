/** A body that is there as a whole. */
import type { HttpHeader } from "../../platform/http/http-client.ts";
import { Change } from "./change.ts";
import type { BodyPart, BodyRest, BodySource } from "./incoming-body.ts";

export class StoredBody implements BodySource {
  readonly changed: Change = new Change();
  readonly #trailers: readonly HttpHeader[] | undefined;
  #content: Uint8Array;

  constructor(content: Uint8Array, trailers: readonly HttpHeader[] | undefined) {
    this.#content = content;
    this.#trailers = trailers;
  }

  get rest(): BodyRest {
    return { content: this.#content, trailers: this.#trailers };
  }

  readonly ready = (): boolean => true;

  readonly read = (length: number): BodyPart => {
    const data = this.#content.slice(0, length);
    this.#content = this.#content.subarray(data.length);
    if (this.#content.length > 0) return { tag: "data", val: data };
    return { tag: "end", val: { data, trailers: this.#trailers } };
  };

  readonly skipToEnd = (): BodyPart => this.read(this.#content.length);

  readonly release = (): void => undefined;
}
