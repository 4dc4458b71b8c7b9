/**
 * Writes `docs/cli.md`: every command with what it takes, made from the commands' own data. With `--check` it writes
 * nothing and fails where the file is out of date.
 */
import { readFile, writeFile } from "node:fs/promises";
import { format } from "oxfmt";
import type { AnyCommand } from "../packages/cli/src/command.ts";
import { flagOf } from "../packages/cli/src/command.ts";
import { commands, nouns } from "../packages/cli/src/commands/index.ts";
import { globalOptions } from "../packages/cli/src/global-options.ts";
import { flagsText } from "../packages/cli/src/program.ts";

const target = new URL("../docs/cli.md", import.meta.url);

const introduction = `# The command line

Every command of \`emet\`, made from the commands themselves by \`npm run generate:cli-reference\`. \`emet --help\`,
\`emet NOUN --help\` and \`emet NOUN VERB --help\` say the same.

## Which server

Commands call the server that is named by \`--url\`, else by \`--profile\` (or \`EMET_PROFILE\`), by \`EMET_URL\`, by the active
profile (\`emet profile switch\`), and else http://127.0.0.1:9881, where \`EMET_HOST\` and \`EMET_PORT\` count as they do for
the server. Profiles are kept in \`$EMET_CONFIG_DIR/config.json\`, or in \`emet/config.json\` below \`$XDG_CONFIG_HOME\`
(\`~/.config\`).

## Which worker

\`COMPONENT/WORKER\`, where the component is a name or an id; \`urn:worker:COMPONENT-ID/WORKER\`;
\`worker:///COMPONENT/WORKER\`; or \`WORKER\` alone where the component is clear: \`--component\`, \`EMET_COMPONENT\`, the
profile's default component, the only component on the server, or the only one that has a worker of this name. \`-\` in
place of a new worker's name makes one.

## Values

Arguments and results are WAVE texts:

| WIT             | WAVE                                                                  |
| --------------- | --------------------------------------------------------------------- |
| bool            | \`true\`                                                                |
| integers        | \`42\`, \`-7\`                                                            |
| floats          | \`1.5\`, \`nan\`, \`inf\`, \`-inf\`                                           |
| char            | \`'a'\`, \`'\\u{1F600}'\`                                                  |
| string          | \`"text\\n"\`; an argument that is a plain word needs no quotes          |
| list, tuple     | \`[1, 2]\`, \`(1, "a")\`                                                  |
| record          | \`{product-id: "G1000", price: 1.0}\`; fields that are none may be left out |
| variant, enum   | \`circle(1.5)\`, \`none-case\`; \`%ok\` where the name is a keyword         |
| option, result  | \`some(1)\`, \`none\`, \`ok(1)\`, \`err("x")\`, \`ok\`                          |
| flags           | \`{read, write}\`, \`{}\`                                                 |
| own, borrow     | the URN of the resource                                               |

\`--params\` takes a JSON array instead. Every call carries an idempotency key, so that one that was cut off is sent again
and run once.

## Output

Results go to standard output as text; \`--json\` and \`--yaml\` (or \`--format\`) print the same as data. Everything else goes
to standard error. There are colours and progress bars on terminals only; \`NO_COLOR\` switches colours off, \`FORCE_COLOR\`
on.

| exit code | meaning                                                                  |
| --------- | ------------------------------------------------------------------------ |
| 0         | done                                                                     |
| 1         | the server refused, or the worker failed                                 |
| 2         | the command line is wrong: a flag, a function's name, an argument's type |
| 3         | what was asked for isn't there                                           |
| 4         | no server answers                                                        |
| 130       | Ctrl-C                                                                   |
`;

interface Option {
  readonly flags: string;
  readonly summary: string;
}

function tableOf(title: string, rows: readonly Option[]): string {
  if (rows.length === 0) return "";
  const lines = rows.map(({ flags, summary }) => `| \`${flags}\` | ${summary.replaceAll("|", "\\|")} |`);
  return `| ${title} | |\n| --- | --- |\n${lines.join("\n")}\n\n`;
}

function optionRows(options: AnyCommand["options"]): readonly Option[] {
  return Object.entries(options).map(([name, option]) => {
    const choices = option.kind === "flag" || option.choices === undefined ? "" : `: ${option.choices.join(", ")}`;
    return { flags: flagsText(name, option), summary: `${option.summary}${choices}` };
  });
}

function usage(path: string, command: AnyCommand, takesOptions: boolean): string {
  const words = Object.entries(command.arguments).map(([name, { optional, variadic }]) => {
    const label = `${flagOf(name).slice(2)}${variadic === true ? "..." : ""}`;
    return optional === true || variadic === true ? `[${label}]` : `<${label}>`;
  });
  return ["emet", path, ...(takesOptions ? ["[options]"] : []), ...words].join(" ");
}

function section(path: string, command: AnyCommand, aliases: readonly string[]): string {
  const rows = Object.entries(command.arguments).map(([name, { summary }]) => ({
    flags: flagOf(name).slice(2),
    summary,
  }));
  const examples = command.examples.map(({ line, summary }) => `${summary}\n\n\`\`\`sh\n${line}\n\`\`\`\n`);
  const also = aliases.length === 0 ? "" : ` Also: ${aliases.map((alias) => `\`${alias}\``).join(", ")}.`;
  return `### emet ${path}

${sentence(command.summary)}${command.details === undefined ? "" : ` ${command.details}`}${also}

\`\`\`
${usage(path, command, true)}
\`\`\`

${tableOf("argument", rows)}${tableOf("option", optionRows(command.options))}${examples.join("\n")}`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

const sections: string[] = [];
for (const [name, noun] of Object.entries(nouns)) {
  sections.push(`## emet ${name}\n\n${sentence(noun.summary)}\n`);
  for (const [verb, load] of Object.entries(noun.commands)) {
    const aliases = Object.entries(noun.aliases ?? {}).flatMap(([alias, of]) => (of === verb ? [alias] : []));
    sections.push(section(`${name} ${verb}`, (await load()).command, aliases));
  }
}
sections.push("## Commands without a noun\n");
for (const [name, { load, hidden }] of Object.entries(commands)) {
  if (hidden !== true) sections.push(section(name, (await load()).command, []));
}
const everywhere = `## Options of every command\n\nThe server's own commands, \`start\` and \`config\`, have its settings as options instead: \`emet start --help\`.\n\n${tableOf("option", optionRows(globalOptions))}`;
const { code } = await format("cli.md", [introduction, everywhere, ...sections].join("\n"), { printWidth: 120 });

if (!process.argv.includes("--check")) {
  await writeFile(target, code);
} else if ((await readFile(target, "utf8").catch(() => "")) !== code) {
  console.error("docs/cli.md is out of date: npm run generate:cli-reference");
  process.exitCode = 1;
}
