/** Writes a generated page of the documentation; with `--check` it writes nothing and fails where one is out of date. */
import { readFile, writeFile } from "node:fs/promises";
import { format } from "oxfmt";

/** `name` is that of the file in `docs/`, `script` the npm script that writes it. */
export async function writeReference(name: string, text: string, script: string): Promise<void> {
  const target = new URL(`../docs/${name}`, import.meta.url);
  const { code } = await format(name, text, { printWidth: 120 });
  if (!process.argv.includes("--check")) {
    await writeFile(target, code);
  } else if ((await readFile(target, "utf8").catch(() => "")) !== code) {
    console.error(`docs/${name} is out of date: npm run ${script}`);
    process.exitCode = 1;
  }
}
