/** Pages of the documentation as what a reader does with them: commands to type, what they print, files to save. */
import { readFile } from "node:fs/promises";

export type Step =
  | { readonly kind: "commands"; readonly text: string; readonly line: number }
  /** What was printed since the last such block. */
  | { readonly kind: "output"; readonly text: string; readonly line: number }
  /** A file of this repository that the reader saves under its own name. */
  | { readonly kind: "file"; readonly path: string; readonly text: string; readonly line: number };

const fence = /^(?<indent> *)```(?<language>[a-z]*)(?<rest>[^\n]*)\n(?<text>[\s\S]*?)^\k<indent>```$/gmu;

/** Blocks in `sh`, each `text` after one, and blocks with `file=PATH`; others are for reading only. */
export function stepsOf(markdown: string): readonly Step[] {
  const steps: Step[] = [];
  for (const match of markdown.matchAll(fence)) {
    const { language = "", rest = "", text = "" } = match.groups ?? {};
    const line = markdown.slice(0, match.index).split("\n").length;
    const [, path] = /(?:^| )file=(\S+)/u.exec(rest) ?? [];
    if (path !== undefined) steps.push({ kind: "file", path, text, line });
    else if (language === "sh") steps.push({ kind: "commands", text, line });
    else if (language === "text" && steps.at(-1)?.kind === "commands") steps.push({ kind: "output", text, line });
  }
  return steps;
}

export async function readPage(page: URL): Promise<readonly Step[]> {
  return stepsOf(await readFile(page, "utf8"));
}

/** Targets of a page's links, without those to other sites. */
export function linksOf(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(fence, "");
  return Array.from(prose.matchAll(/\]\((?<target>[^()\s]+)\)/gu), ({ groups }) => groups?.["target"] ?? "").filter(
    (target) => !/^[a-z]+:/u.test(target),
  );
}

/** `…` stands for anything within a line, and alone on a line for any number of lines. */
export function outputPattern(expected: string): RegExp {
  const lines = expected.trimEnd().split("\n");
  const patterns = lines.map((line) => {
    const text = line.trim() === "…" ? undefined : line.trimEnd();
    return text === undefined
      ? "(?:.*\\n)*?"
      : `${text
          .split("…")
          .map((part) => RegExp.escape(part))
          .join(".*")}\\n`;
  });
  return new RegExp(`^${patterns.join("")}$`, "u");
}

/** Without what nobody sees at the ends of lines. */
export function printed(output: string): string {
  const lines = output.split("\n").map((line) => line.trimEnd());
  return `${lines.join("\n").trimEnd()}\n`;
}
