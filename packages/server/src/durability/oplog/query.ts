/**
 * The query language for oplogs (spec/host-interfaces.md §7.3):
 *
 *   word  "some words"  /regular expression/   somewhere in the entry
 *   path:term  path=word                       at a path of its values; `=` means the whole value
 *   a b   a AND b   a OR b   NOT a   ( … )     both of them, by default
 *
 * Words are looked for without case, phrases as they are. A backslash makes the next character one of the word or phrase.
 * Regular expressions are those of RE2, which take linear time.
 */
import { RE2JS } from "re2js";

/** A query that can't be read. */
export class QueryError extends Error {
  override readonly name = "QueryError";
}

/** What an entry has to be searched: `path` is made of names, `text` is a string, a number or a name of the kind. */
export interface SearchText {
  readonly path: readonly string[];
  /** So many names at the beginning of the path needn't be given. */
  readonly omitted: number;
  readonly text: string;
}

export type Query = (texts: readonly SearchText[]) => boolean;

const queryLengthMax = 10_000;
const depthMax = 100;

const tokenPattern =
  /\s*(?:(?<open>\()|(?<close>\))|(?:(?<path>[\w.-]+)(?<how>[:=]))?(?:"(?<phrase>(?:[^"\\]|\\.)*)"|\/(?<regex>(?:[^/\\]|\\.)*)\/|(?<word>(?:[^\s()"/:=\\]|\\.)(?:[^\s()":=\\]|\\.)*)))/uy;

type Token = { readonly [part: string]: string | undefined };

function tokensOf(text: string): Token[] {
  if (text.length > queryLengthMax) throw new QueryError(`the query is longer than ${queryLengthMax} characters`);
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const at = tokenPattern.lastIndex;
    const rest = text.slice(at);
    if (rest.trim() === "") break;
    const groups = tokenPattern.exec(text)?.groups;
    if (groups === undefined) throw new QueryError(`cannot read the query at character ${at}: "${rest.trim()}"`);
    tokens.push(groups);
  }
  return tokens;
}

/** Names are compared without case and signs: `remote-worker-id`, `remote_worker_id` and `remoteWorkerId` are one. */
function plainName(name: string): string {
  return name.replaceAll(/[-_]/gu, "").toLowerCase();
}

function atPath(path: string | undefined): (text: SearchText) => boolean {
  if (path === undefined) return () => true;
  const names = path.split(".").map((name) => plainName(name));
  const beginsAt = (text: SearchText, start: number): boolean =>
    names.every((name, index) => plainName(text.path[start + index] ?? "") === name);
  return (text) => {
    for (let start = 0; start <= text.omitted; start++) if (beginsAt(text, start)) return true;
    return false;
  };
}

function textTest({ phrase, regex, word, how }: Token): (text: string) => boolean {
  if (regex !== undefined) {
    const pattern = compile(regex);
    return (text) => pattern.matcher(text).find();
  }
  const whole = how === "=";
  if (phrase !== undefined) {
    const wanted = unescape(phrase);
    return (text) => (whole ? text === wanted : text.includes(wanted));
  }
  const wanted = unescape(word ?? "").toLowerCase();
  return (text) => (whole ? text.toLowerCase() === wanted : text.toLowerCase().includes(wanted));
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gu, "$1");
}

function compile(regex: string): RE2JS {
  try {
    return RE2JS.compile(regex.replaceAll(String.raw`\/`, "/"));
  } catch (error) {
    throw new QueryError(`cannot read the regular expression /${regex}/: ${String(error)}`);
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Query {
    if (this.#tokens.length === 0) return () => true;
    const query = this.#or();
    if (this.#next < this.#tokens.length) throw new QueryError('cannot read the query: ")" without "("');
    return query;
  }

  get #token(): Token | undefined {
    return this.#tokens[this.#next];
  }

  /** Takes an operator if it is next. */
  #takes(operator: string): boolean {
    const token = this.#token;
    const found = token?.["word"] === operator && token["path"] === undefined;
    if (found) this.#next += 1;
    return found;
  }

  #or(): Query {
    const alternatives = [this.#and()];
    while (this.#takes("OR")) alternatives.push(this.#and());
    return alternatives.length === 1 && alternatives[0] !== undefined
      ? alternatives[0]
      : (texts) => alternatives.some((query) => query(texts));
  }

  #and(): Query {
    const all = [this.#not()];
    while (this.#token !== undefined && this.#token["close"] === undefined && this.#token["word"] !== "OR") {
      this.#takes("AND");
      all.push(this.#not());
    }
    return (texts) => all.every((query) => query(texts));
  }

  #not(): Query {
    this.#depth += 1;
    if (this.#depth > depthMax) throw new QueryError("the query is nested too deeply");
    try {
      if (!this.#takes("NOT")) return this.#term();
      const negated = this.#not();
      return (texts) => !negated(texts);
    } finally {
      this.#depth -= 1;
    }
  }

  #term(): Query {
    const token = this.#token;
    if (token === undefined) throw new QueryError("cannot read the query: it ends too early");
    this.#next += 1;
    if (token["open"] !== undefined) {
      const inner = this.#or();
      if (this.#token?.["close"] === undefined) throw new QueryError('cannot read the query: ")" is missing');
      this.#next += 1;
      return inner;
    }
    if (token["close"] !== undefined) throw new QueryError('cannot read the query: ")" stands where a term is wanted');
    const isThere = atPath(token["path"]);
    const test = textTest(token);
    return (texts) => texts.some((text) => isThere(text) && test(text.text));
  }
}

/** Throws `QueryError`. */
export function parseQuery(text: string): Query {
  return new Parser(tokensOf(text)).parse();
}
