/** The text doesn't stand for a value of the type. */
export class WaveError extends Error {
  override readonly name = "WaveError";
  /** In UTF-16 units. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(`${message} at position ${position}`);
    this.position = position;
  }
}

const escapes: { readonly [letter: string]: string } = {
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

const word = /%?[a-zA-Z][a-zA-Z0-9]*(?:-[a-zA-Z0-9]+)*/uy;
const number = /-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|inf)|nan/uy;
const blank = /(?:\s|\/\/[^\n]*)*/uy;

/** Tokens of WAVE. */
export class WaveScanner {
  readonly #text: string;
  position = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipBlank();
  }

  /** The word that stands here, without going on. With its `%`, which says that a name is meant and no keyword. */
  peekWord(): string | undefined {
    return this.#match(word);
  }

  keyword(allowed: readonly string[]): string {
    const { position } = this;
    const found = this.#match(word);
    const name = found?.replace("%", "");
    if (found === undefined || name === undefined || !allowed.includes(name)) {
      throw new WaveError(`expected ${allowed.join(" or ")}`, position);
    }
    this.#advance(found.length);
    return name;
  }

  integer(): bigint {
    const { position } = this;
    const text = this.#match(number);
    if (text === undefined || !/^-?\d+$/u.test(text)) throw new WaveError("expected an integer", position);
    this.#advance(text.length);
    return BigInt(text);
  }

  float(): number {
    const { position } = this;
    const text = this.#match(number);
    if (text === undefined) throw new WaveError("expected a number", position);
    this.#advance(text.length);
    if (text === "nan") return Number.NaN;
    if (text.endsWith("inf")) return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return Number(text);
  }

  char(): string {
    const { position } = this;
    const text = this.#quoted("'");
    if (text === "" || text.length !== String.fromCodePoint(text.codePointAt(0) ?? 0).length)
      throw new WaveError("expected one character", position);
    return text;
  }

  string(): string {
    return this.#quoted('"');
  }

  /** Items between brackets, separated by commas; one may follow the last. */
  sequence<T>(open: string, close: string, item: () => T): T[] {
    this.expect(open);
    const items: T[] = [];
    while (!this.skip(close)) {
      items.push(item());
      if (this.skip(",")) continue;
      this.expect(close);
      break;
    }
    return items;
  }

  parenthesized<T>(inner: () => T): T {
    this.expect("(");
    const value = inner();
    this.expect(")");
    return value;
  }

  skip(token: string): boolean {
    if (!this.#text.startsWith(token, this.position)) return false;
    this.#advance(token.length);
    return true;
  }

  expect(token: string): void {
    if (!this.skip(token)) throw new WaveError(`expected "${token}"`, this.position);
  }

  expectEnd(): void {
    if (this.position < this.#text.length) throw new WaveError("expected the end", this.position);
  }

  #quoted(quote: string): string {
    const start = this.position;
    if (this.#text[start] !== quote) throw new WaveError(`expected ${quote}`, start);
    let value = "";
    let at = start + 1;
    for (;;) {
      const unit = this.#text[at];
      if (unit === undefined) throw new WaveError(`${quote} is not closed`, start);
      if (unit === quote) break;
      if (unit === "\\") {
        const [text, length] = this.#escape(at);
        value += text;
        at += length;
      } else {
        value += unit;
        at += 1;
      }
    }
    this.#advance(at + 1 - start);
    return value;
  }

  #escape(at: number): readonly [text: string, length: number] {
    const letter = this.#text[at + 1] ?? "";
    const simple = escapes[letter];
    if (simple !== undefined) return [simple, 2];
    const [escape, digits = ""] = /^\\u\{([0-9a-fA-F]{1,6})\}/u.exec(this.#text.slice(at, at + 10)) ?? [];
    const code = Number.parseInt(digits, 16);
    const isScalar = code <= 0x10_ffff && !(code >= 0xd800 && code <= 0xdfff);
    if (escape === undefined || !isScalar) throw new WaveError("unknown escape", at);
    return [String.fromCodePoint(code), escape.length];
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    return pattern.exec(this.#text)?.[0];
  }

  #advance(length: number): void {
    this.position += length;
    this.#skipBlank();
  }

  #skipBlank(): void {
    this.position += this.#match(blank)?.length ?? 0;
  }
}
