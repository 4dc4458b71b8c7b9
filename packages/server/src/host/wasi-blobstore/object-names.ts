/** Names of the objects of a container, page by page. */
import { bool, list, option, record, string } from "../../durability/codec/schema.ts";
import type { HostContext, MaybePromise } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { ok } from "../results.ts";
import { callStore, mapMaybe, storeFunction } from "../store-calls.ts";
import type { Refused } from "../store-calls.ts";

/** Names that one record holds. */
const pageCount = 1000;

/** Names that one call gives or skips; the guest asks again for more. */
export const namesMax = 10_000;

export const listObjects = storeFunction(
  "golem blobstore::container::list_objects",
  "remote-read",
  record({ container: string, after: option(string) }),
  record({ names: list(string), end: bool }),
);

interface Page {
  readonly names: readonly string[];
  /** There was nothing after them. */
  readonly end: boolean;
}

interface SavedNames {
  readonly container: string;
  readonly names: readonly string[];
  readonly last: string | undefined;
  readonly end: boolean;
}

const savedNames = savedKind<SavedNames>("object-names", ({ container, ...place }, { context }) => {
  const names = new ObjectNames(context, container);
  names.goOnFrom(place);
  return names;
});

/** The objects in order of their names. What changes while they are listed is listed or not. */
export class ObjectNames extends HostObject {
  readonly #context: HostContext;
  readonly #container: string;
  #names: string[] = [];
  #last: string | undefined;
  #end = false;

  constructor(context: HostContext, container: string) {
    super();
    this.#context = context;
    this.#container = container;
  }

  /** Goes on where another one stood. */
  goOnFrom({ names, last, end }: Omit<SavedNames, "container">): void {
    this.#names = [...names];
    this.#last = last;
    this.#end = end;
  }

  override save(): SavedObject {
    return savedNames({ container: this.#container, names: this.#names, last: this.#last, end: this.#end });
  }

  /** Up to `count` names, and whether nothing is left. */
  take(count: number): MaybePromise<Refused<readonly [names: readonly string[], end: boolean]>> {
    // One more, or the end, tells whether anything is left.
    if (this.#end || this.#names.length > count) {
      const taken = this.#names.splice(0, count);
      return ok([taken, this.#end && this.#names.length === 0] as const);
    }
    const goOn = (filled: Refused<undefined>): ReturnType<ObjectNames["take"]> =>
      filled.tag === "err" ? filled : this.take(count);
    const filled = this.fill();
    return filled instanceof Promise ? filled.then(goOn) : goOn(filled);
  }

  /** Reads the next page. */
  fill(): MaybePromise<Refused<undefined>> {
    const outcome = callStore(this.#context, {
      function: listObjects,
      request: { container: this.#container, after: this.#last },
      perform: () => this.#page(),
    });
    return mapMaybe(outcome, (page) => {
      if (page.tag === "err") return page;
      this.#names.push(...page.val.names);
      this.#last = page.val.names.at(-1) ?? this.#last;
      this.#end = page.val.end;
      return ok(undefined);
    });
  }

  async #page(): Promise<Page> {
    const { objects } = this.#context;
    const names = await objects.names(this.#container, this.#last, pageCount);
    const last = names.at(-1);
    return { names, end: last === undefined || (await objects.names(this.#container, last, 1)).length === 0 };
  }
}
